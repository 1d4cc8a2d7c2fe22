// The peers' custom element: a shadow root with the widget's own style.

import css from "../../../../widget/style/notice.css";
import { render } from "ui";
import { Banner } from "./banner.jsx";
import { createClient } from "./client.js";
import { wordsFor } from "./texts.js";

const script = document.currentScript;

customElements.define(
  "peer-widget",
  class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const shadow = this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      shadow.adoptedStyleSheets = [sheet];
      const words = wordsFor(this.getAttribute("locale") || document.documentElement.lang || "en");
      const root = document.createElement("div");
      root.lang = words.language;
      root.dir = words.direction;
      root.dataset.screen = "banner";
      shadow.append(root);
      const request = createClient({
        origin: new URL(script.src).origin,
        tokenUrl: this.getAttribute("token-url"),
      });
      render(Banner, { words, request }, root);
    }
  },
);

const create = () => {
  const element = document.createElement("peer-widget");
  element.setAttribute("token-url", script.dataset.tokenUrl);
  element.setAttribute("locale", script.dataset.locale);
  document.body.prepend(element);
};
if (document.body) create();
else addEventListener("DOMContentLoaded", create);
