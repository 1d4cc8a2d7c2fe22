import type { ForwardRefExoticComponent, RefAttributes } from 'react';
import type { Events, Handle, Options } from './index.js';

/** The options, and a function for each event. `origin`, `tokenUrl`, `contactUrl`, `skin`, `tone`
 * and `locale` start the widget anew when they change; `theme`, `position` and `wall` change in
 * place. */
export interface ReprieveProps extends Omit<Options, 'container'> {
  /** The class of the `div` that holds the widget. */
  className?: string;
  onStatus?: (detail: Events['status']) => void;
  onShown?: (detail: Events['shown']) => void;
  onDismissed?: (detail: Events['dismissed']) => void;
  onDeclined?: (detail: Events['declined']) => void;
  onRecovered?: (detail: Events['recovered']) => void;
  onCancellation?: (detail: Events['cancellation']) => void;
  onAsked?: (detail: Events['asked']) => void;
  onClosed?: (detail: Events['closed']) => void;
  onError?: (detail: Events['error']) => void;
}

/** What a `ref` on the component holds. */
export type ReprieveRef = Pick<Handle, 'open' | 'setToken' | 'setLocale' | 'refresh'>;

/** Shows the widget where it stands. */
export const Reprieve: ForwardRefExoticComponent<ReprieveProps & RefAttributes<ReprieveRef>>;
