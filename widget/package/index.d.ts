/** What can be opened. */
export type Aim = 'update' | 'cancel' | 'withdraw' | 'manage' | 'question';

/** What a question or a complaint is about, unless the customer says otherwise. */
export type About = 'charge' | 'cancellation' | 'card' | 'access' | 'other';

/** A customer token, or a function that brings a fresh one whenever it is called. */
export type Token = string | (() => Promise<string>);

/** What the widget is given. */
export interface Options {
  /** Where the Worker is, such as `https://reprieve.example.com`. Not for `reprieve('init', …)`. */
  origin: string;
  /** Where the widget gets a customer token: `POST` with cookies, answered by `{"token": "…"}`. */
  tokenUrl?: string | null;
  /** Brings a customer token, instead of `tokenUrl`. Called again when one has expired. */
  getToken?: () => Promise<string>;
  /** The language, such as `de`. Without it the page's `lang`, then the browser's. */
  locale?: string | null;
  /** Who is spoken to. Without it `game` with that skin, else `consumer`. */
  tone?: 'consumer' | 'b2b' | 'game' | null;
  /** `game`: short, in a corner, never takes the focus. */
  skin?: 'game' | null;
  /** `tv`: to be read from a sofa, one and a half times as large, away from the edges, and used
   * with arrow keys or a game pad. So by itself on wide devices without a pointer; `page`: not. */
  layout?: 'tv' | 'page' | null;
  /** Light or dark. Without it as the system has it. */
  theme?: 'light' | 'dark' | null;
  /** Where the notice is: floating, so that nothing of the page moves when it comes, or `inline`,
   * where the element is. Without it at the bottom; with the skin `game` in a corner. */
  position?: 'bottom' | 'corner' | 'inline' | null;
  /** In front of the whole page where access is restricted, with the way to pay, to a person and
   * out. Without it the page decides what is closed. */
  wall?: boolean | null;
  /** Where else a person can be reached (`https:`, `mailto:`, `tel:`), beside a question's form. */
  contactUrl?: string | null;
  /** Your own words for sentences, by key. They are texts; markup is shown as it is written. */
  texts?: Record<string, string>;
  /** The element, or its selector, that the widget is put into. Without it the `body`. Where the
   * notice is seen, `position` says. */
  container?: Element | string | null;
}

/** What the widget tells, by event. On the element the names begin with `reprieve:`. */
export interface Events {
  /** The status was read. */
  status: {
    state: 'clear' | 'action_needed' | 'pending' | 'processing' | 'recovered';
    access: 'full' | 'warn' | 'restricted' | 'ended';
  };
  /** Another screen is shown. */
  shown: { screen: string };
  /** The customer hid the notice for now. */
  dismissed: Record<string, never>;
  /** The bank did not take the payment or the card. */
  declined: { reason: string };
  /** Everything that was open is paid. Without an amount when it had several currencies. */
  recovered: { amount_minor?: number; currency?: string };
  /** A cancellation went a step on. */
  cancellation: { id: string; subscription: string; state: string; step: string };
  /** A question or a complaint has arrived; `id` is the number that the customer is told. */
  asked: { id: string };
  /** The dialog about leaving, or the form of a question, was closed. */
  closed: Record<string, never>;
  /** Something did not work. `loader`: the script could not be loaded. */
  error: { code: string };
}

/** One widget on a page. */
export interface Handle {
  /** The element, or `null` on a server. */
  readonly element: ReprieveElement | null;
  /** Opens something. False when the widget could not be loaded; it never rejects. */
  open(what: Aim): Promise<boolean>;
  /** The token to use from the next call on. Starts a widget that has waited for one. */
  setToken(token: Token): void;
  /** Speaks another language; what is open meanwhile stays as it is. */
  setLocale(locale: string): void;
  /** Reads the status anew, for example after another customer has signed in. */
  refresh(): void;
  /** Calls `listener` with the event's detail; the function that comes back ends that. */
  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void;
  /** Takes the widget off the page with all its listeners and timers. */
  destroy(): void;
}

/** Puts the widget on the page, where there is one; on a server it does nothing. */
export function init(options: Options): Handle;

/** The custom element. */
export interface ReprieveElement extends HTMLElement {
  getToken?: () => Promise<string>;
  texts?: Record<string, string>;
  /** Reads the status anew. Not there before the loader is. */
  refresh?(): void;
  /** Opens something. Not there before the loader is. */
  open?(what: Aim): Promise<boolean | undefined>;
}

/** What any button of the page may have. */
export interface ButtonAttributes {
  /** What a press opens: `update`, `cancel`, `withdraw`, `manage` or `question`. */
  'data-reprieve': Aim;
  /** Which subscription `cancel` and `withdraw` are about; without it the customer is asked. */
  'data-subscription'?: string;
  /** What `question` is about: `charge`, `cancellation`, `card`, `access` or `other`. */
  'data-about'?: About;
  /** Which cancellation `question` is about, by its id in the event `cancellation`. */
  'data-cancellation'?: string;
}

/** The script's one global. Calls are carried out in order, also those from before it loaded. */
export interface Call {
  (word: 'init', options: Omit<Options, 'origin'>): void;
  /** The promise, once the script is there, of what `Handle.open` gives. */
  (word: 'open', what: Aim): Promise<boolean | undefined> | undefined;
  (word: 'setToken', token: Token): void;
  (word: 'setLocale', locale: string): void;
  <Name extends keyof Events>(
    word: 'on',
    name: Name,
    listener: (detail: Events[Name]) => void,
  ): void;
  (word: 'refresh' | 'destroy'): void;
}

type DomEvents = { [Name in keyof Events as `reprieve:${Name}`]: CustomEvent<Events[Name]> };

declare global {
  interface HTMLElementTagNameMap {
    'reprieve-widget': ReprieveElement;
  }
  interface GlobalEventHandlersEventMap extends DomEvents {}
  interface Window {
    reprieve?: Call;
  }
}
