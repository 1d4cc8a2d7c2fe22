/** The live theme page: writes the widget's custom properties, and shows them as CSS to copy. */

/** Custom property → what it colours, and the widget's own colour in the light. */
const COLOURS = {
  accent: ["Main buttons and links", "#4a47d1"],
  "accent-text": ["Text on them", "#ffffff"],
  background: ["Cards", "#ffffff"],
  text: ["Text", "#1d1d2b"],
  muted: ["Less important text", "#5a5b70"],
  border: ["Lines", "#dcdce8"],
  danger: ["A declined payment", "#b3261e"],
  success: ["A payment that went through", "#12734b"],
};
/** The widget checks contrast when it starts, so it starts anew when somebody has chosen. */
const REFRESH_DELAY_MS = 400;

/** Attributes that can be chosen here. Without a choice of theirs most are not there. */
const ATTRIBUTES = ["theme", "position", "skin", "layout", "locale"];

const form = document.querySelector(".choices");
const widget = document.querySelector("reprieve-widget");
const css = document.querySelector(".css");
const tag = document.querySelector(".tag");
const told = document.querySelector(".told");
const before = ATTRIBUTES.map((name) => [name, widget.getAttribute(name)]);
const chosen = new Map();
let timer;

for (const [name, [label, value]] of Object.entries(COLOURS)) {
  const input = Object.assign(document.createElement("input"), { type: "color", name, value });
  const around = document.createElement("label");
  around.append(label + " ", input);
  form.querySelector(".colours").append(around);
}

function write() {
  const lines = [...chosen].map(([name, value]) => `  --reprieve-${name}: ${value};`);
  css.textContent = lines.length
    ? ["reprieve-widget {", ...lines, "}"].join("\n")
    : "Nothing chosen yet.";
  const attributes = ATTRIBUTES.filter((name) => widget.hasAttribute(name));
  const written = attributes.map((name) => ` ${name}="${widget.getAttribute(name)}"`).join("");
  tag.textContent = `<reprieve-widget token-url="/api/reprieve-token"${written}></reprieve-widget>`;
}

function show() {
  write();
  clearTimeout(timer);
  timer = setTimeout(() => widget.refresh?.(), REFRESH_DELAY_MS);
}

function setAttribute(name, value) {
  if (value) widget.setAttribute(name, value);
  else widget.removeAttribute(name);
}

form.addEventListener("input", ({ target: { name, value } }) => {
  if (ATTRIBUTES.includes(name)) setAttribute(name, value);
  else {
    chosen.set(name, name === "radius" ? `${value}px` : value);
    widget.style.setProperty(`--reprieve-${name}`, chosen.get(name));
  }
  show();
});
form.addEventListener("reset", () => {
  for (const name of chosen.keys()) widget.style.removeProperty(`--reprieve-${name}`);
  chosen.clear();
  for (const [name, value] of before) setAttribute(name, value);
  show();
});

/**
 * The widget tells the console which colours it had to change, each once; here people see what is
 * changed now. Where it keeps that is its own matter: a page of yours has no business with it.
 */
const NAMED = { ...COLOURS, ink: ["Links and the accent in words"] };
function tell() {
  const style = widget.shadowRoot.querySelector("[data-screen]")?.style;
  const lines = Object.entries(NAMED).flatMap(([name, [label]]) => {
    const used = style?.getPropertyValue(`--_${name}`);
    return used ? [`${label}: could not be read, ${used} is used instead.`] : [];
  });
  const text = lines.join(" ");
  if (told.textContent !== text) told.textContent = text;
}
const changes = { subtree: true, childList: true, attributeFilter: ["style"] };
const watch = () => new MutationObserver(tell).observe(widget.shadowRoot, changes);
if (widget.shadowRoot) watch();
else widget.addEventListener("reprieve:shown", watch, { once: true });
write();
