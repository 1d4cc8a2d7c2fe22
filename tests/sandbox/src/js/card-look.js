// `appearance` of the embedding page: a theme, variables and a few rules. Everything is set
// through the object model, which the strict policy of this page allows and inline text is not.

const VARIABLES = new Set([
  "borderRadius",
  "colorBackground",
  "colorBorder",
  "colorDanger",
  "colorPrimary",
  "colorText",
  "colorTextPlaceholder",
  "colorTextSecondary",
  "fontFamily",
  "fontSizeBase",
  "spacingUnit",
]);
const SELECTOR = /^\.(Input|Label|Error|Block|Terms)(--\w+)?(:[\w-]+|::placeholder)*$/;
const RULE_COUNT_MAX = 50;
const VALUE_LENGTH_MAX = 200;

// A value may not fetch anything.
const isPlain = (value) =>
  typeof value === "string" &&
  value.length <= VALUE_LENGTH_MAX &&
  !/url\s*\(|image|[{};@\\]/i.test(value);

const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const ruleSheet = (rules) => {
  const sheet = new CSSStyleSheet();
  for (const [selector, declarations] of Object.entries(rules).slice(0, RULE_COUNT_MAX)) {
    if (!SELECTOR.test(selector) || typeof declarations !== "object") continue;
    try {
      const index = sheet.insertRule(`${selector} {}`, sheet.cssRules.length);
      for (const [name, value] of Object.entries(declarations)) {
        if (isPlain(value)) sheet.cssRules[index].style.setProperty(kebab(name), value);
      }
    } catch {
      // A selector that this browser does not know changes nothing.
    }
  }
  return sheet;
};

/** Applies `{theme, variables, rules}`; what is unknown or unsafe is left out. */
export const applyAppearance = (appearance) => {
  const root = document.documentElement;
  root.dataset.theme = ["stripe", "night", "flat", "none"].includes(appearance?.theme)
    ? appearance.theme
    : "stripe";
  for (const name of VARIABLES) {
    const value = appearance?.variables?.[name];
    if (isPlain(value)) root.style.setProperty(`--${name}`, value);
    else root.style.removeProperty(`--${name}`);
  }
  document.adoptedStyleSheets = [ruleSheet(appearance?.rules || {})];
};
