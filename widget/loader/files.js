// Texts and styles among the built files.

import { assets } from './here.js';
import { fetchAsset, importAsset } from './pins.js';

/** A stylesheet to adopt. */
export const fetchSheet = async (name, { limit }) => {
  const css = await (await fetchAsset(assets, name, limit())).text();
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
};

/** The sentences of one language, with the page's own words among them. */
export const fetchTexts = async (element, folder, language, { limit, inTime }) => {
  const texts = await (await fetchAsset(assets, `${folder}/${language}.json`, limit())).json();
  if (!element.texts) return texts;
  return inTime(importAsset(assets, 'own.js'))
    .then(({ withOwn }) => withOwn(texts, element.texts, folder === 'cancel'))
    // Ours are better than none.
    .catch(() => texts);
};
