// What the loader fetches with the first press or call, so that nobody else pays for it: the dialog
// about leaving. Whatever else can be asked for is one file more.

import { TAG } from '../package/handle.js';
import { leave } from './cancel.js';
import { assets } from './here.js';
import { importAsset } from './pins.js';
import { isOnStage, openStage } from './stage.js';

export { takeBack } from './back.js';
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
    const { reprieve: aim = what, subscription, about, cancellation } = what.dataset || {};
    if (aim === 'question') {
      const { ask } = await importAsset(assets, 'question.js');
      return ask(element, { about, cancellation }, { isOnStage, openStage });
    }
    if (aim !== 'update') return leave(element, aim, subscription);
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
