// The form for a card, because a button or a call of the page asks for it: over the notice, or
// where there is none. This file has a session of its own, which takes the place of the loader's.

import { isOpen } from '../package/handle.js';
import { assets, origin } from './here.js';
import { startSession } from './session.js';

/** True when the form is shown, or what is to be known instead; false when it cannot be. */
export const openUpdate = (element) => {
  // A second press opens nothing twice, and takes nobody's form away.
  if (isOpen(element)) return true;
  element.stay?.abort();
  element.stay = new AbortController();
  const { signal } = element.stay;
  return new Promise((resolve) => {
    const end = (is) => {
      resolve(is);
      // For this time only.
      element.isAsked = false;
      element.removeEventListener('reprieve:shown', onShown);
      element.removeEventListener('reprieve:error', onError);
    };
    const onShown = () => end(true);
    const onError = () => end(false);
    element.addEventListener('reprieve:shown', onShown);
    element.addEventListener('reprieve:error', onError);
    signal.addEventListener('abort', onError);
    element.isAsked = true;
    startSession(element, origin, assets, signal);
  });
};
