// Whoever sets colours of their own gets them looked at (`contrast.js`); nobody else pays for that.

import { assets } from './here.js';
import { importAsset } from './pins.js';

const COLOURS = ['accent', 'accent-text', 'background', 'text', 'muted', 'danger'];

/** Now, and whenever the system turns light or dark, until `gone`. */
export const checkColours = (root, gone) => {
  const check = () => {
    const style = getComputedStyle(root.getRootNode().host);
    if (!COLOURS.some((name) => style.getPropertyValue('--reprieve-' + name))) return;
    importAsset(assets, 'contrast.js')
      .then((module) => gone.aborted || module.ensureContrast(root))
      // Colours as they are set are better than none.
      .catch(() => {});
  };
  check();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', check, { signal: gone });
};
