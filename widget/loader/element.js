// `<reprieve-widget>`: attributes `token-url`, `locale`, `tone`, `skin`, `position`, `theme`;
// properties `getToken` (an async function, instead of `token-url`) and `texts` (own words by key);
// methods `refresh()` and `open(what)`.

import { takeBack } from './back.js';
import { startSession } from './session.js';

const TAG = 'reprieve-widget';

/** Defines the element once; a second loader on the page finds it defined and does nothing. */
export const defineElement = (origin) => {
  if (customElements.get(TAG)) return;
  let back = takeBack();
  // Where xtask puts the built files: "/v1/assets/<content hash>/".
  const assets = origin + __ASSET_BASE__;
  customElements.define(
    TAG,
    class extends HTMLElement {
      connectedCallback() {
        // Not a private field: those are long-winded at the language level the loader is built for.
        this.stay?.abort();
        this.stay = new AbortController();
        startSession(this, origin, assets, this.stay.signal, back);
        // Told once, to the first element of the page.
        back = null;
      }

      disconnectedCallback() {
        this.stay.abort();
      }

      /** Reads the status anew, as if the element had just been put on the page. */
      refresh() {
        this.connectedCallback();
      }

      /** Opens what a word (`cancel`, `withdraw`, `manage`) or a button's attribute names. */
      open(what) {
        if (what) return import(assets + 'later.js').then((module) => module.open(this, what));
      }
    },
  );
  // Any button may have the attribute `data-reprieve`: the page's and, in its shadow root, ours.
  addEventListener('click', (event) =>
    document.querySelector(TAG)?.open(event.composedPath()[0].closest?.('[data-reprieve]')),
  );
};

/** The script-tag way of embedding: the loader's own `data-` attributes become the element's. */
export const createFromScript = (script) => {
  if (!script.dataset.tokenUrl) return;
  const create = () => {
    if (document.querySelector(TAG)) return;
    const element = document.createElement(TAG);
    for (const { name, value } of script.attributes) {
      if (name.startsWith('data-')) element.setAttribute(name.slice(5), value);
    }
    document.body.prepend(element);
  };
  // A script in the head may run before there is a body.
  if (document.body) create();
  else addEventListener('DOMContentLoaded', create);
};
