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

const form = document.querySelector(".choices");
const widget = document.querySelector("reprieve-widget");
const css = document.querySelector(".css");
const told = document.querySelector(".told");
const chosen = new Map();
let timer;

for (const [name, [label, value]] of Object.entries(COLOURS)) {
  const input = Object.assign(document.createElement("input"), { type: "color", name, value });
  const around = document.createElement("label");
  around.append(label + " ", input);
  form.querySelector(".colours").append(around);
}

function show() {
  const lines = [...chosen].map(([name, value]) => `  --reprieve-${name}: ${value};`);
  css.textContent = lines.length
    ? ["reprieve-widget {", ...lines, "}"].join("\n")
    : "Nothing chosen yet.";
  clearTimeout(timer);
  timer = setTimeout(() => {
    told.textContent = "";
    widget.refresh?.();
  }, REFRESH_DELAY_MS);
}

form.addEventListener("input", ({ target: { name, value } }) => {
  if (name in COLOURS || name === "radius") {
    chosen.set(name, name === "radius" ? `${value}px` : value);
    widget.style.setProperty(`--reprieve-${name}`, chosen.get(name));
  } else if (value) widget.setAttribute(name, value);
  else widget.removeAttribute(name);
  show();
});
form.addEventListener("reset", () => {
  for (const name of chosen.keys()) widget.style.removeProperty(`--reprieve-${name}`);
  chosen.clear();
  for (const name of ["theme", "skin"]) widget.removeAttribute(name);
  widget.setAttribute("position", "inline");
  show();
});

// The widget tells the console which colours it had to change; here people see it.
const warn = console.warn;
console.warn = (...words) => {
  warn(...words);
  if (String(words[0]).startsWith("reprieve:")) told.textContent += `${words[0]}. `;
};
