// The inside of the card frame: fields, messages to the page around it, calls to the API.
import { textsFor } from "./card-text.js";
import { accountProblems, kindsOf, leadsAway, pairsOf, showKinds } from "./card-kinds.js";
import { applyAppearance } from "./card-look.js";
import {
  brandOf,
  checkCvc,
  checkNumber,
  digitsOf,
  groupExpiry,
  groupNumber,
  readExpiry,
} from "./card-check.js";

const CHANNEL = "reprieve-sandbox-card";
const REQUEST_TIMEOUT_MS = 60_000;
const api = document.querySelector('meta[name="reprieve-api"]').content;
// The page says in the address who it is; the browser enforces that it is true, because
// messages to any other origin are not delivered and those from any other are ignored.
const parentOrigin = new URLSearchParams(location.search).get("parent") || "";
const form = document.querySelector("form");
const inputs = Object.fromEntries(
  ["number", "expiry", "cvc", "name", "iban", "holder", "email"].map((name) => [
    name,
    form.elements.namedItem(name),
  ]),
);
// The fields of each kind of method; kinds without an entry have none.
const FIELDS = { card: ["number", "expiry", "cvc"], sepa_debit: ["iban", "holder", "email"] };

let settings = null;
let texts = textsFor("auto").texts;
let busy = false;
let kind = "card";

const post = (message) => {
  window.parent.postMessage({ channel: CHANNEL, ...message }, parentOrigin);
};

const showError = (field, code) => {
  const line = document.getElementById(`Error-${field}`);
  line.textContent = code ? texts[code] || texts.card_declined : "";
  if (code) inputs[field].setAttribute("aria-invalid", "true");
  else inputs[field].removeAttribute("aria-invalid");
};

const fieldsOf = () => FIELDS[kind] || [];

const problems = () => {
  if (kind === "sepa_debit") return accountProblems(inputs);
  if (kind !== "card") return {};
  const number = digitsOf(inputs.number.value);
  const expiry = readExpiry(digitsOf(inputs.expiry.value), new Date());
  return {
    number: checkNumber(number),
    expiry: expiry.code,
    cvc: checkCvc(digitsOf(inputs.cvc.value), brandOf(number)),
  };
};

const tellChange = () => {
  const found = Object.values(problems());
  const empty = fieldsOf().every((name) => inputs[name].value === "");
  post({ kind: "change", type: kind, empty, complete: found.every((code) => code === null) });
};

// Rewrites a field as it is typed, keeping the caret after the same digit.
const reformat = (input, group) => {
  const caret = input.selectionStart ?? input.value.length;
  const before = digitsOf(input.value.slice(0, caret)).length;
  const grouped = group(digitsOf(input.value));
  if (grouped === input.value) return;
  const atEnd = caret >= input.value.length;
  input.value = grouped;
  let place = 0;
  for (let seen = 0; place < grouped.length && seen < before; place += 1) {
    if (digitsOf(grouped[place]) !== "") seen += 1;
  }
  const target = atEnd ? grouped.length : place;
  input.setSelectionRange(target, target);
};

const groups = {
  number: groupNumber,
  expiry: groupExpiry,
  cvc: (digits) => digits.slice(0, 4),
};

const wireField = (name, input) => {
  input.addEventListener("input", (event) => {
    const deletes = String(event.inputType || "").startsWith("delete");
    if (groups[name] && !deletes) reformat(input, groups[name]);
    showError(name, null);
    tellChange();
  });
  input.addEventListener("focus", () => post({ kind: "focus" }));
  input.addEventListener("blur", () => {
    post({ kind: "blur" });
    if (fieldsOf().includes(name) && input.value !== "") showError(name, problems()[name]);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") post({ kind: "escape" });
  });
};

// The first thing that is wrong, as Stripe.js reports it; the fields say it too.
const validate = () => {
  const found = problems();
  let first = null;
  for (const name of fieldsOf()) {
    showError(name, found[name]);
    if (found[name] && !first) first = name;
  }
  if (!first) return null;
  inputs[first].focus();
  const code = found[first];
  return { type: "validation_error", code, message: texts[code] };
};

const setBusy = (on) => {
  busy = on;
  for (const input of Object.values(inputs)) input.disabled = on;
};

const intentId = (secret) => secret.slice(0, secret.indexOf("_secret_"));

const request = async (method, path, pairs) => {
  const address = new URL(path, api);
  const options = { method, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) };
  const body = new URLSearchParams(pairs);
  if (method === "GET") address.search = body.toString();
  else options.body = body;
  try {
    const answer = await fetch(address, options);
    const json = await answer.json();
    return answer.ok ? { setupIntent: json } : { error: json.error };
  } catch {
    return { error: { type: "api_connection_error", message: texts.processing_error } };
  }
};

const fieldOfError = (error) => {
  if (kind !== "card") return "iban";
  const param = String(error.param || "");
  if (param.includes("exp") || error.code === "expired_card") return "expiry";
  if (param.includes("cvc")) return "cvc";
  return "number";
};

// The page gets the customer's language, as from the real library.
const localize = (error) => {
  const text = texts[error.decline_code] || texts[error.code];
  return text ? { ...error, message: text } : error;
};

const cardPairs = (details) => {
  const expiry = readExpiry(digitsOf(inputs.expiry.value), new Date());
  const card = "payment_method_data[card]";
  const billing = "payment_method_data[billing_details]";
  const pairs = [
    ["payment_method_data[type]", "card"],
    [`${card}[number]`, digitsOf(inputs.number.value)],
    [`${card}[exp_month]`, String(expiry.month)],
    [`${card}[exp_year]`, String(expiry.year)],
    [`${card}[cvc]`, digitsOf(inputs.cvc.value)],
  ];
  const name = inputs.name.value.trim() || details?.name || "";
  if (name) pairs.push([`${billing}[name]`, name]);
  for (const field of ["email", "phone"]) {
    if (details?.[field]) pairs.push([`${billing}[${field}]`, String(details[field])]);
  }
  return pairs;
};

const confirm = async ({ clientSecret, details, returnUrl }) => {
  const invalid = validate();
  if (invalid) return { error: invalid };
  if (busy) return { error: { type: "invalid_request_error", message: "Already confirming." } };
  const secret = clientSecret || settings.clientSecret;
  const pairs = [
    ["key", settings.key],
    ["client_secret", secret],
    ["use_stripe_sdk", "true"],
    ...(kind === "card" ? cardPairs(details) : pairsOf(kind, inputs)),
  ];
  if (leadsAway(kind) && returnUrl) pairs.push(["return_url", returnUrl]);
  setBusy(true);
  const result = await request("POST", `/v1/setup_intents/${intentId(secret)}/confirm`, pairs);
  setBusy(false);
  if (!result.error) return result;
  const error = localize(result.error);
  if (error.type === "card_error" || error.code === "invalid_bank_account_iban") {
    const field = fieldOfError(error);
    showError(field, error.decline_code in texts ? error.decline_code : error.code);
    inputs[field].focus();
  }
  return { error };
};

const choose = (chosen) => {
  kind = chosen;
  for (const field of form.querySelectorAll(".Field")) {
    field.hidden = !fieldsOf().includes(field.dataset.field);
  }
  const billing = settings.fields?.billingDetails;
  const isNameHidden = billing === "never" || billing?.name === "never";
  form.querySelector('[data-field="name"]').hidden = kind !== "card" || isNameHidden;
  const terms = form.querySelector("[data-kind-text]");
  terms.textContent = texts[`terms_${kind}`] || "";
  terms.hidden = terms.textContent === "";
  tellChange();
};

const applySettings = (next) => {
  settings = next;
  const language = textsFor(next.locale);
  texts = language.texts;
  document.documentElement.lang = language.language;
  document.documentElement.dir = language.dir;
  for (const node of document.querySelectorAll("[data-text]")) {
    node.textContent = texts[node.dataset.text];
  }
  inputs.expiry.placeholder = texts.expiryHint;
  inputs.cvc.placeholder = texts.cvcHint;
  if (!inputs.name.value) inputs.name.value = next.defaultValues?.billingDetails?.name || "";
  applyAppearance(next.appearance);
};

// The real element refuses to load for an unknown or used intent, too.
const start = async (next) => {
  applySettings(next);
  const secret = next.clientSecret;
  const pairs = [
    ["key", next.key],
    ["client_secret", secret],
  ];
  const found = await request("GET", `/v1/setup_intents/${intentId(secret)}`, pairs);
  if (found.error) return post({ kind: "loaderror", error: found.error });
  const kinds = kindsOf(found.setupIntent.payment_method_types);
  showKinds(kinds, texts, choose);
  choose(kinds[0]);
  post({ kind: "ready" });
};

const answer = (id, result) => post({ kind: "result", id, result });

const receive = async (message) => {
  switch (message.kind) {
    case "init":
      await start(message.settings);
      break;
    case "update":
      applySettings(message.settings);
      if (message.id) answer(message.id, {});
      break;
    case "focus":
      form.querySelector("input:not([type=radio], [hidden] *)")?.focus();
      break;
    case "blur":
      document.activeElement?.blur();
      break;
    case "clear":
      form.reset();
      tellChange();
      break;
    case "submit": {
      const error = validate();
      answer(message.id, error ? { error } : { selectedPaymentMethod: kind });
      break;
    }
    case "confirm":
      answer(message.id, await confirm(message));
      break;
    default:
  }
};

window.addEventListener("message", (event) => {
  const known = event.source === window.parent && event.origin === parentOrigin;
  if (known && event.data?.channel === CHANNEL) receive(event.data);
});
form.addEventListener("submit", (event) => event.preventDefault());
for (const [name, input] of Object.entries(inputs)) wireField(name, input);
new ResizeObserver(() => {
  post({ kind: "height", height: Math.ceil(document.body.getBoundingClientRect().height) });
}).observe(document.body);
post({ kind: "hello" });
