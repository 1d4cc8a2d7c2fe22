// What can be opened: the form for a card, and the dialog about leaving.

import { open as openCancel } from './cancel.js';
import { openUpdate } from './update.js';

/** `what` is a word, or a button that carries it. True when it is open. */
export const open = async (element, what) => {
  if (!element.isConnected) return false;
  if ((what.dataset?.reprieve || what) === 'update') return openUpdate(element);
  await openCancel(element, what);
  return true;
};
