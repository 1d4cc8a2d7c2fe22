/**
 * Turns the page templates into HTML: `{{name}}` is replaced by an escaped value, `{{{name}}}` by
 * markup that this file made itself.
 */
import { readFile } from "node:fs/promises";
import { STORIES } from "./customers.mjs";
import { PLANS } from "./subscribe.mjs";

const LANGUAGES = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  pt: "Português (Brasil)",
  pl: "Polski",
  tr: "Türkçe",
  ja: "日本語",
  ko: "한국어",
  ar: "العربية",
};
const THEMES = { auto: "Auto", light: "Light", dark: "Dark" };
const RIGHT_TO_LEFT = new Set(["ar"]);
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** One of the demo's languages; English for anything else. */
export function languageOf(value) {
  return Object.hasOwn(LANGUAGES, value ?? "") ? value : "en";
}

/** True for a theme the demo knows. */
export function isTheme(value) {
  return Object.hasOwn(THEMES, value ?? "");
}

function escapeHtml(value) {
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

function options(choices, chosen) {
  return Object.entries(choices)
    .map(([value, label]) => {
      const selected = value === chosen ? " selected" : "";
      return `<option value="${escapeHtml(value)}"${selected}>${escapeHtml(label)}</option>`;
    })
    .join("");
}

/** The bar under both products with which a person plays the demo. It is not part of them. */
async function demoBar(page, view) {
  const stories = Object.fromEntries(STORIES.map(({ card, label }) => [card, label]));
  const { customer, lang, theme } = view;
  const query = new URLSearchParams({ customer, lang, theme });
  return fill(await readPage("demo-bar"), {
    page,
    customer,
    lang,
    theme,
    sandbox: view.sandbox,
    subscribeUrl: `/subscribe?${new URLSearchParams({ lang, theme })}`,
    otherUrl: `/${page === "saas" ? "game" : "saas"}?${query}`,
    otherLabel: page === "saas" ? "Game" : "SaaS app",
    "{stories": options(stories, STORIES[0].card),
    "{languages": options(LANGUAGES, lang),
    "{themes": options(THEMES, theme),
  });
}

/** Bars of the week as SVG, because a strict content security policy allows no inline style. */
function weekChart(lang) {
  const bookings = [18, 26, 22, 31, 29, 38, 24];
  const monday = Date.UTC(2026, 5, 1);
  const day = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" });
  const number = new Intl.NumberFormat(lang);
  return bookings
    .map((count, at) => {
      const height = count * 3;
      const left = at * 48 + 10;
      const middle = left + 14;
      const name = escapeHtml(day.format(monday + at * 86_400_000));
      return [
        `<rect x="${left}" y="${130 - height}" width="28" height="${height}" rx="6"/>`,
        `<text x="${middle}" y="${122 - height}">${escapeHtml(number.format(count))}</text>`,
        `<text x="${middle}" y="150">${name}</text>`,
      ].join("");
    })
    .join("");
}

function formatted(lang) {
  const number = new Intl.NumberFormat(lang);
  const euro = { style: "currency", currency: "EUR", maximumFractionDigits: 0 };
  const time = new Intl.DateTimeFormat(lang, { timeStyle: "short", timeZone: "UTC" });
  const at = (hour, minute) => time.format(Date.UTC(2026, 5, 1, hour, minute));
  return {
    bookingsCount: number.format(188),
    revenueAmount: new Intl.NumberFormat(lang, euro).format(4260),
    planPrice: new Intl.NumberFormat(lang, euro).format(PLANS.pro.amount_minor / 100),
    soloPrice: new Intl.NumberFormat(lang, euro).format(PLANS.solo.amount_minor / 100),
    fillShare: new Intl.NumberFormat(lang, { style: "percent" }).format(0.86),
    newCount: number.format(12),
    time1: at(7, 30),
    time2: at(12, 15),
    time3: at(17, 0),
    time4: at(19, 30),
    "{chart": weekChart(lang),
  };
}

/** Replaces the placeholders; a name without a value is a mistake in the template. */
function fill(template, values) {
  return template.replace(/\{\{(\{?[A-Za-z0-9_]+)\}?\}\}/g, (placeholder, name) => {
    if (!Object.hasOwn(values, name)) throw new Error(`template: no value for ${placeholder}`);
    return name.startsWith("{") ? values[name] : escapeHtml(values[name]);
  });
}

function readPage(name) {
  return readFile(new URL(`./pages/${name}.html`, import.meta.url), "utf8");
}

/**
 * @param {"index" | "saas" | "game" | "subscribe" | "theme"} name
 * @param {{lang: string, theme: string, customer: string, edge: string, sandbox: string,
 *   stripeJs: string, publishableKey: string}} view without a customer: nobody is signed in
 * @returns {Promise<string>} the page
 */
export async function renderPage(name, view) {
  const strings = new URL(`./strings/${view.lang}.json`, import.meta.url);
  const query = new URLSearchParams({ customer: view.customer });
  return fill(await readPage(name), {
    ...JSON.parse(await readFile(strings, "utf8")),
    ...formatted(view.lang),
    ...view,
    dir: RIGHT_TO_LEFT.has(view.lang) ? "rtl" : "ltr",
    tokenUrl: `/api/reprieve-token?${query}`,
    "{languages": options(LANGUAGES, view.lang),
    "{demoBar": view.customer === "" ? "" : await demoBar(name, view),
  });
}
