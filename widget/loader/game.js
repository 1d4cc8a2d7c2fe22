// For games and television sets: the notice over a full-screen canvas, arrow keys and game pads in
// our dialogs. While there is only the notice, keys and pads are the game's, and nothing runs here.

import { hearKeys } from './keys.js';
import { exitFullscreen, isCovered, rise } from './over.js';
import { watchPads } from './pad.js';
import { READ_MS } from './reading.js';

export { pin } from './pins.js';

/** The shadow roots that are looked after, in the order in which they came. */
const shadows = new Set();
/** Our open dialogs; the last one is in front. */
let open = [];
let shownAt = 0;
/** Ends what runs while a dialog is open. */
let closed;

const front = () => open[open.length - 1];

const isRead = () => performance.now() - shownAt >= READ_MS;

const look = (records) => {
  const found = [...shadows].flatMap((shadow) => [...shadow.querySelectorAll('dialog[open]')]);
  const added = found.filter((dialog) => !open.includes(dialog));
  open = [...open.filter((dialog) => found.includes(dialog)), ...added];
  const isNew = ({ attributeName }) => attributeName === 'data-screen';
  if (added.length || records.some(isNew)) shownAt = performance.now();
  // Not modal is the dialog while the bank may ask, and the provider puts the bank's question into
  // the page's body, where a full-screen element would hide it.
  if (front() && !front().matches(':modal') && isCovered(document.body)) exitFullscreen();
  if (added.length && document.pointerLockElement) document.exitPointerLock();
  if (front() && !closed) {
    closed = new AbortController();
    watchPads(front, isRead, closed.signal);
  } else if (!front() && closed) {
    closed.abort();
    closed = null;
  }
};

let ended;

/** Looks after the notice or a dialog of `element`, around its `root`, until `gone`. */
export const play = (element, root, gone) => {
  if (gone.aborted) return;
  const shadow = root.getRootNode();
  if (!shadows.size) {
    ended = new AbortController();
    hearKeys(front, isRead, ended.signal);
  }
  shadows.add(shadow);
  const observer = new MutationObserver(look);
  observer.observe(shadow, {
    subtree: true,
    childList: true,
    attributeFilter: ['open', 'data-screen'],
  });
  // What is typed in our dialog moves nothing in the game.
  const { host } = shadow;
  const keep = (event) => front() && event.stopPropagation();
  host.addEventListener('keydown', keep, { signal: gone });
  if (host === element) rise(element, shadow, front, gone);
  gone.addEventListener('abort', () => {
    observer.disconnect();
    shadows.delete(shadow);
    // The dialogs go later in the same task.
    queueMicrotask(() => look([]));
    if (!shadows.size) ended.abort();
  });
  look([]);
};
