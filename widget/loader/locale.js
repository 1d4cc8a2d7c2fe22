// One language is fetched: the one asked for, else the page's, else the browser's, else English.

const languageOf = (tag) =>
  /^(en|de|ar|ja|fr|es|pt|pl|tr|ko)(?![a-z])/i.exec(tag)?.[0].toLowerCase();

/** What the element's attributes of these names say, the page's language, the browser's. */
const wishesOf = (element, ...names) => [
  ...names.map((name) => element.getAttribute(name)),
  element.closest('[lang]')?.lang,
  ...navigator.languages,
];

/** The wishes for the Worker; the tone, which no language is called, is one of them. */
export const mannerOf = (element) =>
  wishesOf(element, 'tone', 'skin', 'locale')
    .join()
    // A header takes no other letters.
    .replace(/[^\w,-]/g, '');

/** `language` names the file of texts; `locale` may be finer and rules dates and money. */
export const chooseLocale = (element) => {
  const locale = [...wishesOf(element, 'locale'), 'en'].find(languageOf);
  return { language: languageOf(locale), locale };
};

