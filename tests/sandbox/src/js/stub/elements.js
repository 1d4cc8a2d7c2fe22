// A group of Elements: the sandbox has the payment Element only.
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
