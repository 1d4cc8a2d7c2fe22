// Remotes of television sets, consoles and handhelds have arrows, Enter and a key for back, and no
// Tab. In our dialogs arrows walk in reading order.
//
// Heard at the window and on the way down, so that a game that catches every key there does not
// keep them from us: `stopPropagation` leaves the other listeners of the window alone. What its
// `preventDefault` takes away, such as a button's press by Enter, is done here.

import { focused, goBack, isOurs, move, WRITTEN } from './walk.js';

const BACK = ['GoBack', 'BrowserBack'];
// The remotes of Samsung (Tizen) and LG (webOS) have no name for it
// (https://github.com/greena13/react-hotkeys/issues/156, read 2026-11).
const BACK_CODES = [10009, 461];

const stepOf = (key, dialog) => {
  const forward = getComputedStyle(dialog).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
  if (key === 'ArrowDown' || key === forward) return 1;
  return key.startsWith('Arrow') ? -1 : 0;
};

/**
 * Whether the arrow means something to `node` itself. At its end it does not: who has no Tab would
 * never come out of it.
 */
const keepsArrow = (node, key, step) => {
  const isAcross = key === 'ArrowLeft' || key === 'ArrowRight';
  const keeps = (at, last) => isAcross || at !== (step > 0 ? last : 0);
  if (node.type === 'radio') {
    const group = [...node.getRootNode().querySelectorAll('input[type="radio"]')].filter(
      ({ name, form }) => name === node.name && form === node.form,
    );
    return keeps(group.indexOf(node), group.length - 1);
  }
  if (node.matches('select')) return keeps(node.selectedIndex, node.length - 1);
  if (!node.matches(WRITTEN)) return false;
  return keeps(step > 0 ? node.selectionEnd : node.selectionStart, node.value.length);
};

/** `front` gives the dialog in front, if any; `isRead` whether somebody can have read it. */
export const hearKeys = (front, isRead, signal) => {
  const hear = (event) => {
    const dialog = front();
    const { key, keyCode, target } = event;
    if (!dialog || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const node = focused();
    const isLost = target === document.body || target === document.documentElement;
    if (!isLost && !isOurs(dialog, node)) return;
    // Somebody before us wants that nothing comes of this key.
    const isTaken = event.defaultPrevented;
    // Else Escape goes back by itself.
    const back = isTaken ? [...BACK, 'Escape'] : BACK;
    const step = stepOf(key, dialog);
    if (step) {
      if (!isTaken && keepsArrow(node, key, step)) return;
      event.preventDefault();
      // In the provider's frames no arrow is heard, so none leads into them.
      move(dialog, step, ({ localName }) => localName !== 'iframe');
    } else if (key === 'Tab' && isTaken) {
      move(dialog, event.shiftKey ? -1 : 1);
    } else if (back.includes(key) || BACK_CODES.includes(keyCode)) {
      event.preventDefault();
      if (!event.repeat) goBack(dialog);
    } else if ((key === 'Enter' || key === ' ') && !node.matches(WRITTEN)) {
      if (event.repeat || !isRead()) event.preventDefault();
      else if (isTaken || (key === 'Enter' && node.type === 'radio' && !node.checked)) {
        event.preventDefault();
        node.click();
      }
    }
  };
  addEventListener('keydown', hear, { capture: true, signal });
};
