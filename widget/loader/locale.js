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
