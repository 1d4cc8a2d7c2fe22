// The same sentences as the widget has, in three languages, all in the one download: a fetch of one
// language would cost the peer another way to the server and back.

import ar from "../../../../widget/locale/ar.json";
import de from "../../../../widget/locale/de.json";
import en from "../../../../widget/locale/en.json";

const LOCALES = { ar, de, en };
const NEAR_MS = 48 * 60 * 60 * 1000;

/** Texts and formats of a language: `direction`, `say(key, values)`, `count`, `money`, `moment`. */
export function wordsFor(tag) {
  const language = LOCALES[tag.slice(0, 2)] ? tag.slice(0, 2) : "en";
  const texts = LOCALES[language];
  const rules = new Intl.PluralRules(tag);
  const say = (key, values = {}) =>
    texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const money = ({ amount_minor: minor, currency }) => {
    const format = new Intl.NumberFormat(tag, { style: "currency", currency });
    return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
  };
  const moment = (at, now) => {
    const near = at - now < NEAR_MS ? { hour: "numeric", minute: "2-digit" } : {};
    const day = { weekday: "long", day: "numeric", month: "long" };
    return new Intl.DateTimeFormat(tag, { ...day, ...near }).format(at);
  };
  const count = (key, number, values) =>
    say(`${key}.${rules.select(number)}`, { ...values, count: number });
  return { direction: texts.direction, language, say, count, money, moment };
}

/** Why it failed, and what happens next. */
export function message(words, status) {
  const now = status.server_time_ms;
  const parts = [words.say(`reason.${status.reason ?? "unknown"}`)];
  const attempt = status.remedy === "wait" ? status.next_attempt_at_ms : null;
  if (status.access === "ended") parts.push(words.say("next.ended"));
  else if (status.access === "restricted") parts.push(words.say("next.restricted"));
  else if (attempt > now) {
    parts.push(words.say("next.attempt", { date: words.moment(attempt, now) }));
  } else if (status.grace_ends_at_ms > now) {
    parts.push(words.say("next.grace", { date: words.moment(status.grace_ends_at_ms, now) }));
  }
  return parts.join(" ");
}

/** How much, and for what. */
export function due(words, { amount_due: sum, invoices }) {
  if (!sum) return words.count("due.several", invoices.length, {});
  const amount = words.money(sum);
  if (invoices.length > 1) return words.count("due.count", invoices.length, { amount });
  const what = invoices[0]?.description;
  return what ? words.say("due.named", { amount, what }) : words.say("due.plain", { amount });
}
