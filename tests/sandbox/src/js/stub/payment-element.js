// The Payment Element: a frame with card fields, and what the page hears of it.
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
    framed.add(this);
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
    framed.delete(this);
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

  // The group has changed.
  async updateElements() {
    const settings = this.#message();
    if (this.#ready) await this.call("update", { settings });
    else this.#post({ kind: "update", settings });
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
          value: { type: message.type },
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
