// One widget on a page, as the page's own code holds it. The script tag's calls (`reprieve(…)`) and
// the npm package are the same words because they are this file.

/** The element's name. */
export const TAG = 'reprieve-widget';

// How long `open` waits for the loader. Who pressed a button wants to know.
const WAIT_MS = 20_000;

/** Options that are attributes of the element, by the attributes' names. */
const ATTRIBUTES = {
  tokenUrl: 'token-url',
  contactUrl: 'contact-url',
  locale: 'locale',
  tone: 'tone',
  skin: 'skin',
  layout: 'layout',
  theme: 'theme',
  position: 'position',
  wall: 'wall',
};

/** Writes options on an element; what is not given stays, `null` and `false` take one away. */
export const apply = (element, options) => {
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    const value = options[name];
    if (value === null || value === false) element.removeAttribute(attribute);
    else if (value !== undefined) element.setAttribute(attribute, value === true ? '' : value);
  }
  for (const name of ['getToken', 'texts']) {
    if (options[name]) element[name] = options[name];
  }
};

/** Sends one of the element's events. */
export const tell = (element, name, detail) =>
  element.dispatchEvent(
    new CustomEvent('reprieve:' + name, { detail, bubbles: true, composed: true }),
  );

/** Whether the customer is in the middle of something. The access wall is nothing of that kind. */
export const isOpen = (element) => element.shadowRoot?.querySelector('dialog[open]:not(.wall)');

/** Reads the status anew, unless that would take something out of the customer's hands. */
export const renew = (element) => {
  if (element.isConnected && !isOpen(element)) element.refresh?.();
};

/** True when the loader has defined the element, false when it does not within a while. */
const whenDefined = async (signal) =>
  customElements.get(TAG) ||
  new Promise((resolve) => {
    const timer = setTimeout(resolve, WAIT_MS, false);
    const end = (is) => {
      clearTimeout(timer);
      resolve(is);
    };
    signal.addEventListener('abort', () => end(false));
    customElements.whenDefined(TAG).then(() => end(true));
  });

/**
 * The handle of an element. `load` fetches the loader where it is missing, `put` puts the element
 * on the page; both are called as often as something needs them.
 */
export const handleOf = (element, load, put) => {
  const gone = new AbortController();
  const { signal } = gone;
  let isFailing;

  const on = (name, listener) => {
    const hear = ({ detail }) => listener(detail);
    element.addEventListener('reprieve:' + name, hear, { signal });
    return () => element.removeEventListener('reprieve:' + name, hear);
  };
  on('error', () => (isFailing = true));
  on('status', () => (isFailing = false));

  const start = () => {
    if (signal.aborted) return;
    load();
    put(signal);
  };
  // Without a way to a token there is nothing to ask; `setToken` may bring one.
  if (element.getToken || element.hasAttribute('token-url')) start();

  return {
    element,
    on,
    open: async (what) => {
      if (signal.aborted) return false;
      start();
      return (await whenDefined(signal)) && Boolean(await element.open(what));
    },
    setToken: (token) => {
      element.getToken = typeof token === 'function' ? token : async () => token;
      // What runs asks for the new one when it needs it; nobody's card form is taken away for that.
      if (isFailing) renew(element);
      start();
    },
    setLocale: (locale) => {
      apply(element, { locale });
      renew(element);
    },
    refresh: () => {
      start();
      element.refresh?.();
    },
    destroy: () => {
      gone.abort();
      element.remove();
    },
  };
};
