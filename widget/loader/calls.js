// Carries out the calls of the page's one global, `reprieve('open', 'cancel')`, and the presses on
// buttons with `data-reprieve`.

import { handleOf, TAG } from '../package/handle.js';
import { init } from '../package/index.js';
import { open } from './open.js';

// This file lies among the built files, on the Worker's origin.
const { origin } = new URL(import.meta.url);

let handle;
let hearing = new AbortController();

/** The widget that calls are about: the one that a call made, else the first of the page. */
const current = () => {
  const there = document.querySelector(TAG);
  if (there && !handle?.element.isConnected) handle = handleOf(there, () => {}, () => {});
  return handle;
};

/** The widget that a button of ours is in. */
const ownerOf = (node) => {
  for (let at = node; at; at = at.getRootNode?.().host) if (at.localName === TAG) return at;
};

const WORDS = {
  __proto__: null,
  init: (options) => (handle = init({ ...options, origin })),
  on: (name, listener) => {
    const { signal } = hearing;
    addEventListener('reprieve:' + name, ({ detail }) => listener(detail), { signal });
  },
  open: (what, element = ownerOf(what)) =>
    element ? open(element, what) : current().open(what),
  setToken: (token) => current().setToken(token),
  setLocale: (locale) => current().setLocale(locale),
  refresh: () => current().refresh(),
  destroy: () => {
    hearing.abort();
    hearing = new AbortController();
    current()?.destroy();
    handle = undefined;
  },
};

/** Gives what the call gives. One that is wrong is told in the console and does not stop others. */
export const run = ([word, ...given]) => {
  try {
    return WORDS[word](...given);
  } catch (error) {
    console.warn(`reprieve('${word}') failed:`, error);
  }
};
