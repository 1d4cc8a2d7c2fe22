// `<reprieve-widget>` and the page's one global. What both can do is written down in
// `widget/package/index.d.ts`.

import { TAG } from '../package/handle.js';
import { importAsset } from './pins.js';
import { startSession } from './session.js';

// What the form for a card adds to the address of the page that somebody comes back to.
const BACK = 'reprieve_back=';

/** Defines the element once; a second loader on the page finds it defined and does nothing. */
export const defineElement = (origin) => {
  if (customElements.get(TAG)) return;
  // Where xtask puts the built files: "/v1/assets/<content hash>/".
  const assets = origin + __ASSET_BASE__;
  // One promise for all calls keeps them in order; two imports of one address may settle in any.
  // It never rejects: a page without a network has enough to complain about.
  let loaded;
  const later = (name, given) =>
    (loaded ||= importAsset(assets, 'later.js'))
      .then((module) => module[name](given))
      .catch(() => {
        loaded = 0;
      });
  let back = location.search.includes(BACK) ? later('takeBack', location.href) : null;
  const stub = window.reprieve;
  const call = (window.reprieve = (...given) => later('run', given));
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

      /** Opens what a word or a button's attribute names. */
      open(what) {
        return call('open', what, this);
      }
    },
  );
  // Calls from before this script was here.
  stub?.q?.map((given) => call(...given));
  // Any button may have the attribute `data-reprieve`: the page's and, in its shadow root, ours. A
  // link may, too: it leads to its address only where there is no script.
  addEventListener('click', (event) => {
    const button = event.composedPath()[0].closest?.('[data-reprieve]');
    if (!button) return;
    event.preventDefault();
    call('open', button);
  });
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
