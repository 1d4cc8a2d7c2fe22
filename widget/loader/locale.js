// One language is fetched: the one asked for, else the page's, else the browser's, else English.

const languageOf = (tag) =>
  /^(en|de|ar|ja|fr|es|pt|pl|tr|ko)(?![a-z])/i.exec(tag)?.[0].toLowerCase();

/** `language` names the file of texts; `locale` may be finer and rules dates and money. */
export const chooseLocale = (element) => {
  const page = element.closest('[lang]')?.lang;
  const wanted = [element.getAttribute('locale'), page, ...navigator.languages, 'en'];
  const locale = wanted.find(languageOf);
  return { language: languageOf(locale), locale };
};

/** The same and who is spoken to, as one tag: `de-AT-x-game` (BCP 47 has `x` for private use). */
export const mannerOf = (element) => {
  const tone = element.getAttribute('tone') || element.getAttribute('skin');
  const tag = chooseLocale(element).locale + (tone ? '-x-' + tone : '');
  // With any other character the browser would ask the Worker for permission first.
  return tag.replace(/[^a-z0-9]/gi, '-').slice(0, 60);
};
