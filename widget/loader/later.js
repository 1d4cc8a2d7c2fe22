// What the loader fetches with the first press or call, so that nobody else pays for it: the dialog
// about leaving. Whatever else can be asked for is one file more.

import { TAG } from '../package/handle.js';
import { open } from './cancel.js';
import { assets } from './here.js';
import { importAsset } from './pins.js';

export { pin } from './pins.js';

let calls;

/** The widget that a button of ours is in. */
const ownerOf = (node) => {
  for (let at = node; at; at = at.getRootNode?.().host) if (at.localName === TAG) return at;
};

/** Gives a promise of what the call gives. */
export const run = async ([word, what, element = ownerOf(what)]) => {
  if (word === 'open' && element) {
    if (!element.isConnected) return false;
    if ((what.dataset?.reprieve || what) !== 'update') return open(element, what);
  }
  // One promise for all calls keeps them in order.
  calls ||= importAsset(assets, 'calls.js');
  try {
    return (await calls).run(word, what, element);
  } catch (why) {
    calls = 0;
    throw why;
  }
};
