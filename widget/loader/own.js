// The merchant's own words for single sentences (docs/languages.md), for pages that have some.
//
// They are texts, never HTML, and they may not take away what the customer has to see: a sentence
// keeps its values, such as the amount, and buttons that a law names keep their names.

export { pin } from './pins.js';

/** The most sentences that are taken for one file; there are fewer to replace. */
export const OWN_TEXTS_MAX = 400;

/** The longest sentence, in bytes of UTF-8: about twice our longest. */
export const OWN_TEXT_BYTES_MAX = 600;

// What stands before a key of the dialogs, whose keys are a list of their own.
const DIALOGS = 'leave.';

// Which way a page's text runs is no matter of taste. The first button of the way out and the
// buttons on it are named by law in some places, and the receipt says the same to everybody.
const FIXED = /^(direction|action\.leave)$|^(cancel|withdraw|receipt)\./;

// What stands before sentences that a tone says in its own way (`shared/src/api/text.rs`).
const TONES = ['b2b.', 'game.'];

const valuesOf = (text) => [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name);

/** Whether every `{value}` of the second text is in the first one, too. "Two invoices" may be said
 * without a number. */
const hasAllOf = (text, other) =>
  valuesOf(other).every((name) => name === 'count' || valuesOf(text).includes(name));

const isLong = (text) =>
  text.length > OWN_TEXT_BYTES_MAX || new TextEncoder().encode(text).length > OWN_TEXT_BYTES_MAX;

/** Why `text` is not taken in place of `ours`; nothing when it is. */
const refusalOf = (key, ours, text) => {
  if (typeof ours !== 'string') return 'there is no such key';
  if (FIXED.test(key)) return 'this text is fixed';
  if (!text || typeof text !== 'string') return 'this is no text';
  if (isLong(text)) return `this is longer than ${OWN_TEXT_BYTES_MAX} bytes`;
  if (!hasAllOf(text, ours) || !hasAllOf(ours, text))
    return 'its {values} are not those of our text';
};

/**
 * The sentences of a locale file, with `own`, an object of texts by key, in the place of ours;
 * `isDialog`: the file is that of the dialogs. What is wrong is told to whoever builds the page.
 */
export const withOwn = (texts, own, isDialog) => {
  const all = { ...texts };
  const given = Object.keys(own).filter((name) => name.startsWith(DIALOGS) === isDialog);
  const taken = [];
  for (const name of given.slice(0, OWN_TEXTS_MAX)) {
    const key = isDialog ? name.slice(DIALOGS.length) : name;
    const why = refusalOf(key, Object.hasOwn(texts, key) && texts[key], own[name]);
    if (why) console.warn(`reprieve: texts["${name}"]: ${why}`);
    else taken.push([key, own[name]]);
  }
  for (const [key, text] of taken) all[key] = text;
  // What is said to everybody is said in every tone.
  for (const [key] of taken) for (const tone of TONES) delete all[tone + key];
  return all;
};
