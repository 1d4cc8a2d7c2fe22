// A merchant's colours are taken as they are, unless people could not read them: then the nearest
// readable shade is used, and the page's console says so. The ratios are those of WCAG 2.2,
// success criteria 1.4.3 (text) and 1.4.11 (controls).

export { pin } from './pins.js';

// 4.5, and what the lightly tinted boxes take from it.
const TEXT_RATIO = 5.3;
const CONTROL_RATIO = 3;
const STEPS = 20;

/** Foreground, background, ratio; what stands earlier is put right first. Ink is the accent where
 * it is the colour of words. */
const PAIRS = [
  ['text', 'surface', TEXT_RATIO],
  ['muted', 'surface', TEXT_RATIO],
  ['danger', 'surface', TEXT_RATIO],
  ['accent', 'surface', CONTROL_RATIO],
  ['ink', 'surface', TEXT_RATIO],
  ['accent-text', 'accent', TEXT_RATIO],
];

// A page hears of a colour once, however many widgets it has.
const told = new Set();

const BLACK = [0, 0, 0];
const WHITE = [1, 1, 1];

/** Relative luminance of red, green, blue from 0 to 1. */
const luminance = (rgb) => {
  const [red, green, blue] = rgb.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** From 1 (the same) to 21 (black on white). */
export const contrast = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

/** The shade nearest to `color` that stands out from `background` by `ratio`. */
export const readable = (color, background, ratio) => {
  const towards =
    contrast(WHITE, background) > contrast(BLACK, background) ? WHITE : BLACK;
  for (let step = 0; step <= STEPS; step += 1) {
    const mixed = color.map((part, at) => part + ((towards[at] - part) * step) / STEPS);
    if (contrast(mixed, background) >= ratio) return mixed;
  }
  return towards;
};

const css = (rgb) => `rgb(${rgb.map((part) => Math.round(part * 255)).join(' ')})`;

/**
 * Checks what the page's custom properties come to below `root`, an element of the shadow root,
 * and overrides there what could not be read. Called again, it starts from the page's own colours.
 */
export const ensureContrast = (root) => {
  const probe = document.createElement('i');
  probe.hidden = true;
  root.append(probe);
  for (const [name] of PAIRS) root.style.removeProperty('--_' + name);
  const colors = {};
  const read = (name) => {
    // Whatever way the color is written in, mixing makes red, green and blue from 0 to 1 of it.
    probe.style.color = `color-mix(in srgb, var(--_${name}) 100%, #000 0%)`;
    const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.e-]+(?=[ )])/g) || [];
    return [+red, +green, +blue];
  };
  for (const [name, on, ratio] of PAIRS) {
    const color = (colors[name] ||= read(name));
    const background = (colors[on] ||= read(on));
    // An old browser without `color-mix`: better the merchant's color than a guess.
    if ([...color, ...background].some(isNaN) || contrast(color, background) >= ratio) continue;
    colors[name] = readable(color, background, ratio);
    root.style.setProperty('--_' + name, css(colors[name]));
    const found = contrast(color, background).toFixed(2);
    const property = '--reprieve-' + (name === 'ink' ? 'accent in words' : name);
    const warning =
      `reprieve: ${property} has a contrast of ${found} to what is behind it and needs ${ratio}; ` +
      `${css(colors[name])} is used instead`;
    if (!told.has(warning)) console.warn(warning);
    told.add(warning);
  }
  probe.remove();
};
