// A stand-in for Stripe.js: the part that a page needs to collect a card for a SetupIntent.
// The card fields live in an iframe of this script's own origin; this file never sees a digit.
// Behaviour follows https://docs.stripe.com/js (read November 2026).
(() => {
  "use strict";

  const FRAME_TITLE = "Secure payment input frame";
  const LOAD_TIMEOUT_MS = 15_000;
  const CHANNEL = "reprieve-sandbox-card";
  const script =
    document.currentScript || document.querySelector('script[src$="/stripe.js"]');
  const frameOrigin = new URL(script.src).origin;
  // Every mounted element, so that one listener can tell whose frame is talking.
  const mounted = new Set();

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

  const intentId = (clientSecret) => {
    const at = requireText(clientSecret, "clientSecret").indexOf("_secret_");
    if (!clientSecret.startsWith("seti_") || at < 0) {
      throw new IntegrationError("Invalid value for clientSecret: not a SetupIntent's secret.");
    }
    return clientSecret.slice(0, at);
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

  class PaymentElement extends Emitter {
    #settings;
    #frame = null;
    #node = null;
    #destroyed = false;
    #waiting = new Map();
    #nextCall = 1;
    #loadTimer = 0;
    #ready = false;

    constructor(settings) {
      super();
      this.#settings = settings;
    }

    get frameWindow() {
      return this.#frame && this.#frame.contentWindow;
    }

    mount(target) {
      if (this.#destroyed) throw new IntegrationError("This Element was destroyed.");
      const node = typeof target === "string" ? document.querySelector(target) : target;
      if (!(node instanceof Element)) {
        throw new IntegrationError("The place to mount the Element in was not found.");
      }
      // The real library refuses this too: its frames must be reachable from the document.
      if (node.getRootNode() instanceof ShadowRoot) {
        throw new IntegrationError("Elements cannot be mounted in a ShadowRoot.");
      }
      if (!node.isConnected) throw new IntegrationError("The node is not in the document.");
      if (this.#node === node && this.#frame) return;
      this.unmount();
      this.#node = node;
      node.replaceChildren(this.#buildFrame());
      node.classList.add("StripeElement");
      mounted.add(this);
      const late = () => this.#fail({ type: "api_connection_error", message: "Timed out." });
      this.#loadTimer = setTimeout(late, LOAD_TIMEOUT_MS);
    }

    #buildFrame() {
      const frame = document.createElement("iframe");
      const address = new URL("/v3/card.html", frameOrigin);
      address.searchParams.set("parent", location.origin);
      frame.src = address.href;
      frame.title = FRAME_TITLE;
      frame.name = `__privateStripeFrame${Math.floor(Math.random() * 1e6)}`;
      frame.setAttribute("allow", "payment *");
      frame.setAttribute("scrolling", "no");
      Object.assign(frame.style, {
        border: "0",
        display: "block",
        width: "100%",
        height: "0",
        colorScheme: "normal",
        margin: "-4px",
        minWidth: "calc(100% + 8px)",
      });
      this.#frame = frame;
      return frame;
    }

    unmount() {
      clearTimeout(this.#loadTimer);
      mounted.delete(this);
      this.#ready = false;
      if (this.#frame) this.#frame.remove();
      if (this.#node) this.#node.classList.remove("StripeElement");
      this.#frame = null;
      this.#node = null;
      for (const settle of this.#waiting.values()) {
        settle({ error: { type: "integration_error", message: "The Element was unmounted." } });
      }
      this.#waiting.clear();
    }

    destroy() {
      this.unmount();
      this.#destroyed = true;
    }

    update(options) {
      Object.assign(this.#settings.options, options);
      this.#post({ kind: "update", settings: this.#message() });
    }

    updateElements(changes) {
      Object.assign(this.#settings.group, changes);
      this.#post({ kind: "update", settings: this.#message() });
    }

    focus() {
      this.#post({ kind: "focus" });
    }

    blur() {
      this.#post({ kind: "blur" });
    }

    clear() {
      this.#post({ kind: "clear" });
    }

    // What the frame needs to know; plain data only.
    #message() {
      const { group, options, key } = this.#settings;
      return JSON.parse(
        JSON.stringify({
          key,
          clientSecret: group.clientSecret,
          locale: group.locale || "auto",
          appearance: group.appearance || {},
          fields: options.fields || {},
          defaultValues: options.defaultValues || {},
        }),
      );
    }

    #post(message) {
      if (!this.frameWindow) return;
      this.frameWindow.postMessage({ channel: CHANNEL, ...message }, frameOrigin);
    }

    // Asks the frame for something; resolves with its answer.
    call(kind, detail) {
      if (!this.#frame || !this.#ready) {
        const message = "The Payment Element is not mounted, or it was not ready yet.";
        throw new IntegrationError(message);
      }
      const id = this.#nextCall++;
      return new Promise((resolve) => {
        this.#waiting.set(id, resolve);
        this.#post({ kind, id, ...detail });
      });
    }

    #fail(error) {
      clearTimeout(this.#loadTimer);
      this.emit("loaderror", { elementType: "payment", error });
    }

    receive(message) {
      const base = { elementType: "payment" };
      switch (message.kind) {
        case "hello":
          this.#post({ kind: "init", settings: this.#message() });
          break;
        case "ready":
          clearTimeout(this.#loadTimer);
          this.#ready = true;
          this.emit("loaderstart", base);
          this.emit("ready", base);
          break;
        case "loaderror":
          this.#fail(message.error);
          break;
        case "height":
          if (Number.isFinite(message.height)) {
            this.#frame.style.height = `${Math.min(Math.max(message.height, 0), 2_000)}px`;
          }
          break;
        case "change":
          this.emit("change", {
            ...base,
            empty: message.empty === true,
            complete: message.complete === true,
            collapsed: false,
            value: { type: "card" },
          });
          break;
        case "focus":
        case "blur":
        case "escape":
          this.emit(message.kind, base);
          break;
        case "result": {
          const settle = this.#waiting.get(message.id);
          this.#waiting.delete(message.id);
          if (settle) settle(message.result);
          break;
        }
        default:
      }
    }
  }

  window.addEventListener("message", (event) => {
    if (event.origin !== frameOrigin || event.data?.channel !== CHANNEL) return;
    for (const element of mounted) {
      if (element.frameWindow === event.source) element.receive(event.data);
    }
  });

  class Elements {
    #key;
    #group;
    #element = null;

    constructor(key, group) {
      this.#key = key;
      this.#group = group;
    }

    create(type, options = {}) {
      if (type !== "payment") {
        throw new IntegrationError(`The sandbox has the payment Element only, not ${type}.`);
      }
      if (this.#element) {
        throw new IntegrationError("Can only create one Element of type payment.");
      }
      intentId(this.#group.clientSecret);
      const settings = { key: this.#key, group: this.#group, options: { ...options } };
      this.#element = new PaymentElement(settings);
      const destroy = this.#element.destroy.bind(this.#element);
      this.#element.destroy = () => {
        destroy();
        this.#element = null;
      };
      return this.#element;
    }

    getElement(type) {
      return type === "payment" || type === PaymentElement ? this.#element : null;
    }

    update(changes) {
      if (changes.clientSecret) throw new IntegrationError("clientSecret cannot be changed.");
      Object.assign(this.#group, changes);
      if (this.#element) this.#element.updateElements(changes);
    }

    async fetchUpdates() {
      return {};
    }

    async submit() {
      if (!this.#element) throw new IntegrationError("There is no Element to submit.");
      return this.#element.call("submit");
    }
  }

  class StripeStub {
    #key;
    #api = null;
    #locale;

    constructor(key, options = {}) {
      this.#key = requireText(key, "the publishable key");
      if (/^(sk|rk)_/.test(key)) {
        throw new IntegrationError("You should not use your secret key with Stripe.js.");
      }
      if (!key.startsWith("pk_test_")) {
        throw new IntegrationError("The sandbox takes publishable keys that begin pk_test_.");
      }
      this.#locale = options.locale;
    }

    elements(options = {}) {
      return new Elements(this.#key, { locale: this.#locale, ...options });
    }

    async confirmSetup({ elements, clientSecret, confirmParams = {}, redirect = "always" }) {
      if (!(elements instanceof Elements)) {
        throw new IntegrationError("confirmSetup needs the elements that hold the card fields.");
      }
      if (redirect === "always") requireText(confirmParams.return_url, "return_url");
      const element = elements.getElement("payment");
      if (!element) throw new IntegrationError("There is no Payment Element to confirm.");
      if (clientSecret) intentId(clientSecret);
      const details = confirmParams.payment_method_data?.billing_details || {};
      const result = await element.call("confirm", { clientSecret, details });
      if (result.error || redirect === "if_required") return result;
      const address = new URL(confirmParams.return_url, location.href);
      address.searchParams.set("setup_intent", result.setupIntent.id);
      address.searchParams.set("setup_intent_client_secret", result.setupIntent.client_secret);
      address.searchParams.set("redirect_status", "succeeded");
      location.assign(address.href);
      return new Promise(() => {});
    }

    async retrieveSetupIntent(clientSecret) {
      const address = new URL(`/v1/setup_intents/${intentId(clientSecret)}`, await this.#apiBase());
      address.searchParams.set("key", this.#key);
      address.searchParams.set("client_secret", clientSecret);
      try {
        const answer = await fetch(address);
        const body = await answer.json();
        return answer.ok ? { setupIntent: body } : { error: body.error };
      } catch {
        return { error: { type: "api_connection_error", message: "The network failed." } };
      }
    }

    // The real library has its API's address built in; the stub asks its own origin for it.
    async #apiBase() {
      if (!this.#api) {
        const answer = await fetch(new URL("/v3/config.json", frameOrigin));
        this.#api = (await answer.json()).api;
      }
      return this.#api;
    }
  }

  const Stripe = (key, options) => new StripeStub(key, options);
  Stripe.version = "endive";
  Object.defineProperty(window, "Stripe", { value: Stripe, configurable: true, writable: true });
})();
