// `Stripe(key, options)`.
class StripeStub {
  #key;
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
    const element = this.#element(elements, confirmParams, redirect);
    if (clientSecret) intentId(clientSecret, SETUP);
    const details = confirmParams.payment_method_data?.billing_details || {};
    const returnUrl = confirmParams.return_url;
    const first = await element.call("confirm", { clientSecret, details, returnUrl });
    const result = await this.#finish(SETUP, first);
    return this.#leave(SETUP, result, confirmParams, redirect);
  }

  // Pays an open intent with a method that the customer has: named here, or already chosen.
  async confirmPayment({ clientSecret, confirmParams = {}, redirect = "always" }) {
    if (redirect === "always") requireText(confirmParams.return_url, "return_url");
    const first = await this.#confirm(clientSecret, confirmParams);
    const result = await this.#finish(PAYMENT, first);
    return this.#leave(PAYMENT, result, confirmParams, redirect);
  }

  async confirmCardPayment(clientSecret, data = {}, options = {}) {
    const first = await this.#confirm(clientSecret, data);
    return options.handleActions === false ? first : this.#finish(PAYMENT, first);
  }

  #confirm(clientSecret, { payment_method: method, return_url: returnUrl }) {
    const id = intentId(clientSecret, PAYMENT);
    const pairs = [...this.#credentials(clientSecret), ["use_stripe_sdk", "true"]];
    if (method) pairs.push(["payment_method", requireText(method, "payment_method")]);
    if (returnUrl) pairs.push(["return_url", requireText(returnUrl, "return_url")]);
    return askApi("POST", `/v1/payment_intents/${id}/confirm`, PAYMENT, pairs);
  }

  async handleNextAction({ clientSecret }) {
    const kind = kindOf(clientSecret);
    return this.#finish(kind, await this.#retrieve(kind, clientSecret));
  }

  async retrieveSetupIntent(clientSecret) {
    return this.#retrieve(SETUP, clientSecret);
  }

  async retrievePaymentIntent(clientSecret) {
    return this.#retrieve(PAYMENT, clientSecret);
  }

  #element(elements, confirmParams, redirect) {
    if (!(elements instanceof Elements)) {
      throw new IntegrationError("confirmSetup needs the elements that hold the card fields.");
    }
    if (redirect === "always") requireText(confirmParams.return_url, "return_url");
    const element = elements.getElement("payment");
    if (!element) throw new IntegrationError("There is no Payment Element to confirm.");
    return element;
  }

  #credentials(clientSecret) {
    return [
      ["key", this.#key],
      ["client_secret", clientSecret],
    ];
  }

  #retrieve(kind, clientSecret) {
    const path = `/v1/${kind.path}/${intentId(clientSecret, kind)}`;
    return askApi("GET", path, kind, this.#credentials(clientSecret));
  }

  // Lets the bank ask when it wants to, and says how it ended.
  async #finish(kind, first) {
    const waiting = first[kind.name];
    if (waiting?.status !== "requires_action") return first;
    const clientSecret = waiting.client_secret;
    // A server asked for the bank's own page: the customer leaves this one and comes back to
    // the return address.
    const away = waiting.next_action?.redirect_to_url?.url;
    if (away) {
      location.assign(away);
      return new Promise(() => {});
    }
    await showChallenge({ key: this.#key, clientSecret, locale: this.#locale || "auto" });
    const last = await this.#retrieve(kind, clientSecret);
    const intent = last[kind.name];
    const error = intent?.last_setup_error || intent?.last_payment_error;
    if (!intent || intent.status !== "requires_payment_method" || !error) return last;
    const holder = kind === SETUP ? "setup_intent" : "payment_intent";
    return { error: { ...error, [holder]: intent } };
  }

  // Goes to the return address, unless the page wants to stay.
  #leave(kind, result, confirmParams, redirect) {
    const intent = result[kind.name];
    if (!intent || redirect === "if_required") return result;
    const name = kind === SETUP ? "setup_intent" : "payment_intent";
    const address = new URL(confirmParams.return_url, location.href);
    address.searchParams.set(name, intent.id);
    address.searchParams.set(`${name}_client_secret`, intent.client_secret);
    address.searchParams.set("redirect_status", "succeeded");
    location.assign(address.href);
    return new Promise(() => {});
  }
}

const Stripe = (key, options) => new StripeStub(key, options);
Stripe.version = "endive";
Object.defineProperty(window, "Stripe", { value: Stripe, configurable: true, writable: true });
