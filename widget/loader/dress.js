// Games and television sets: what only they need is a file of its own (`game.js`), so that nobody
// else pays for it.

import { assets } from './here.js';
import { importAsset } from './pins.js';

// As in `notice.css`: no mouse, no finger, and much room.
const TV = '(pointer: none) and (min-width: 960px)';

/** `shadow`: where the notice or a dialog stands, until `gone`. */
export const dress = (element, shadow, gone) => {
  const layout = element.getAttribute('layout');
  const isTv = layout ? layout === 'tv' : matchMedia(TV).matches;
  if (!isTv && element.getAttribute('skin') !== 'game') return;
  importAsset(assets, 'game.js')
    .then((module) => gone.aborted || module.play(element, shadow, gone))
    // Mouse, finger and Tab are there without it.
    .catch(() => {});
};
