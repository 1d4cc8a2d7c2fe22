// Games and television sets: what only they need are files of their own (`game.js`, `phone.js`), so
// that nobody else pays for them.

import { assets } from './here.js';
import { importAsset } from './pins.js';

/** Whether this is a television set: the style knows. */
const isFar = (root) => getComputedStyle(root).zoom > 1;

/** `root`: the notice, or a dialog's, until `gone`. */
export const dress = (element, root, gone) => {
  if (isFar(root) || element.getAttribute('skin'))
    importAsset(assets, 'game.js')
      .then((module) => module.play(element, root, gone))
      // Mouse, finger and Tab are there without it.
      .catch(() => {});
};

/** Nobody types a card's digits with a remote: with the panel comes the way to a phone. */
export const offerPhone = (stay) => {
  if (isFar(stay.root))
    // Once, however often the panel has to be fetched.
    stay.phone ||= importAsset(assets, 'phone.js')
      .then((module) => module.offer(stay))
      // The form is there without it.
      .catch(() => (stay.phone = 0));
};
