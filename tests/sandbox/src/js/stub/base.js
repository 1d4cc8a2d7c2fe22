// A stand-in for Stripe.js: the part that a page needs to collect a card and to answer the bank.
// The card fields live in an iframe of this script's own origin; this file never sees a digit.
// Behaviour follows https://docs.stripe.com/js (read November 2026). The server joins the files of
// this directory, in the order of mod.rs, into one script inside a function of its own.
const FRAME_TITLE = "Secure payment input frame";
const LOAD_TIMEOUT_MS = 15_000;
const CHANNEL = "reprieve-sandbox-card";
const API = "@API@";
const script =
  document.currentScript || document.querySelector('script[src$="/stripe.js"]');
const frameOrigin = new URL(script.src).origin;
// Everything with a frame, so that one listener can tell who is talking.
const framed = new Set();

class IntegrationError extends Error {
  constructor(message) {
    super(message);
    this.name = "IntegrationError";
  }
}

const requireText = (value, what) => {
  if (typeof value !== "string" || value === "") {
    throw new IntegrationError(`Invalid value for ${what}: it must be a text.`);
  }
  return value;
};

// The two kinds of intent: how their ids begin, where they live, what results call them.
const SETUP = { prefix: "seti_", path: "setup_intents", name: "setupIntent" };
const PAYMENT = { prefix: "pi_", path: "payment_intents", name: "paymentIntent" };

const intentId = (clientSecret, kind) => {
  const at = requireText(clientSecret, "clientSecret").indexOf("_secret_");
  if (!clientSecret.startsWith(kind.prefix) || at < 0) {
    throw new IntegrationError(`Invalid value for clientSecret: not a ${kind.name}'s secret.`);
  }
  return clientSecret.slice(0, at);
};

const kindOf = (clientSecret) =>
  requireText(clientSecret, "clientSecret").startsWith(PAYMENT.prefix) ? PAYMENT : SETUP;

// Asks the API about one intent; resolves with `{setupIntent}`, `{paymentIntent}` or `{error}`.
const askApi = async (method, path, kind, pairs) => {
  const address = new URL(path, API);
  const options = { method };
  if (method === "GET") address.search = new URLSearchParams(pairs).toString();
  else options.body = new URLSearchParams(pairs);
  try {
    const answer = await fetch(address, options);
    const body = await answer.json();
    return answer.ok ? { [kind.name]: body } : { error: body.error };
  } catch {
    return { error: { type: "api_connection_error", message: "The network failed." } };
  }
};

class Emitter {
  #handlers = new Map();

  on(name, handler) {
    const list = this.#handlers.get(name) || [];
    list.push(handler);
    this.#handlers.set(name, list);
    return this;
  }

  once(name, handler) {
    const wrapped = (event) => {
      this.off(name, wrapped);
      handler(event);
    };
    return this.on(name, wrapped);
  }

  off(name, handler) {
    const list = this.#handlers.get(name) || [];
    this.#handlers.set(name, handler ? list.filter((known) => known !== handler) : []);
    return this;
  }

  emit(name, event) {
    for (const handler of [...(this.#handlers.get(name) || [])]) handler(event);
  }
}

window.addEventListener("message", (event) => {
  if (event.origin !== frameOrigin || event.data?.channel !== CHANNEL) return;
  for (const element of framed) {
    if (element.frameWindow === event.source) element.receive(event.data);
  }
});
