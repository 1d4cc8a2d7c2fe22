// A group of Elements: the sandbox has the payment Element only.

// Of a group that was made for an intent. The rest belongs to groups that are made before it
// (stripe-js, types/stripe-js/elements-group.d.ts, read November 2026).
const UPDATABLE = ["appearance", "fonts", "locale"];
const THEMES = ["stripe", "night", "flat", "none"];

const requireAppearance = (appearance) => {
  if (typeof appearance !== "object" || appearance === null) {
    throw new IntegrationError("Invalid value for appearance: it must be an object.");
  }
  if (appearance.theme !== undefined && !THEMES.includes(appearance.theme)) {
    throw new IntegrationError(`Invalid value for appearance.theme: ${appearance.theme}.`);
  }
};

class Elements {
  #key;
  #group;
  #element = null;

  constructor(key, group) {
    if (group.appearance !== undefined) requireAppearance(group.appearance);
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
    intentId(this.#group.clientSecret, SETUP);
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

  // Shallowly merged; resolves when the frame has it
  // (docs.stripe.com/changelog/dahlia/2026-03-25/elements-update-returns-promise).
  async update(changes) {
    for (const name of Object.keys(changes)) {
      if (!UPDATABLE.includes(name)) {
        throw new IntegrationError(`elements.update() cannot change ${name}.`);
      }
    }
    const { appearance } = changes;
    if (appearance !== undefined) requireAppearance(appearance);
    Object.assign(this.#group, changes);
    if (this.#element) await this.#element.updateElements();
  }

  async fetchUpdates() {
    return {};
  }

  async submit() {
    if (!this.#element) throw new IntegrationError("There is no Element to submit.");
    return this.#element.call("submit");
  }
}
