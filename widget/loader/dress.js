// Games and television sets: what only they need is a file of its own (`game.js`), so that nobody
// else pays for it.

import { assets } from './here.js';
import { importAsset } from './pins.js';

/** `root`: the notice, or a dialog's, until `gone`. The style knows what a television set is. */
export const dress = (element, root, gone) => {
  if (getComputedStyle(root).zoom > 1 || element.getAttribute('skin'))
    importAsset(assets, 'game.js')
      .then((module) => module.play(element, root, gone))
      // Mouse, finger and Tab are there without it.
      .catch(() => {});
};
