// Carries out the calls of the page's one global, `reprieve('init', …)`. The words and what they do
// are those of the npm package.

import { handleOf, TAG } from '../package/handle.js';
import { init } from '../package/index.js';
import { origin } from './here.js';
import { openUpdate } from './update.js';

export { pin } from './pins.js';

let handle;
let hearing = new AbortController();

/** The widget that calls are about: the one that a call made, else the first of the page. */
const current = () => {
  const there = document.querySelector(TAG);
  if (there && !handle?.element.isConnected) handle = handleOf(there, () => {}, () => {});
  return handle;
};

const WORDS = {
  __proto__: null,
  init: (options) => (handle = init({ ...options, origin })),
  on: (name, listener) => {
    const { signal } = hearing;
    addEventListener('reprieve:' + name, ({ detail }) => listener(detail), { signal });
  },
  // With an element it is the form for a card: what else there is needs less than this file.
  open: (what, element) => (element ? openUpdate(element) : current().open(what)),
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
export const run = (word, ...given) => {
  try {
    return WORDS[word](...given);
  } catch (error) {
    console.warn(`reprieve('${word}') failed:`, error);
  }
};
