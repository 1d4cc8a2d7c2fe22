// `@reprieve/widget`: puts the widget on a page and hands out its handle. Importing this does
// nothing, so it may be imported on a server, and a bundler may drop it.

import { apply, handleOf, TAG, tell } from './handle.js';

const LOADER = '/v1/loader.js';

/** What `init` gives where there is no page: every call is allowed, nothing happens. */
const NOTHING = {
  element: null,
  on: () => () => {},
  open: async () => false,
  setToken() {},
  setLocale() {},
  refresh() {},
  destroy() {},
};

let policy;

/** A script's address as pages with `require-trusted-types-for 'script'` want it. */
const trusted = (url) => {
  // Policies are made once: a second one of the same name is refused.
  policy ||= globalThis.trustedTypes?.createPolicy('reprieve-loader', {
    createScriptURL: (it) => (new URL(it).pathname === LOADER ? it : ''),
  });
  return policy ? policy.createScriptURL(url) : url;
};

/** Fetches the loader, unless it is there or on its way; a failed one is tried again next time. */
const load = (origin, element) => {
  const src = origin + LOADER;
  if (customElements.get(TAG)) return;
  for (const script of document.scripts) if (script.src === src) return;
  const fail = () => tell(element, 'error', { code: 'loader' });
  const script = document.createElement('script');
  try {
    script.src = trusted(src);
  } catch {
    // The page's policy allows no policy of this name; the caller's listeners come first.
    queueMicrotask(fail);
    return;
  }
  script.async = true;
  script.onerror = () => {
    script.remove();
    fail();
  };
  document.head.append(script);
};

/** Where the element goes: into its container, or before everything else of the page. */
const put = (element, container, signal) => {
  if (element.isConnected) return;
  if (container) container.append(element);
  else if (document.body) document.body.prepend(element);
  else {
    const later = () => put(element, container, signal);
    document.addEventListener('DOMContentLoaded', later, { once: true, signal });
  }
};

const find = (container) => {
  if (typeof container !== 'string') return container;
  const found = document.querySelector(container);
  if (!found) throw new Error(`reprieve: no element matches ${container}`);
  return found;
};

/** @type {typeof import('./index.d.ts').init} */
export const init = (options) => {
  if (typeof document === 'undefined') return NOTHING;
  // Throws for what is no address: a mistake in the page's own code.
  const { origin, protocol } = new URL(options.origin);
  if (!/^https?:$/.test(protocol)) throw new TypeError('reprieve: origin must be http or https');
  const container = find(options.container);
  // The one without a container is one, however often somebody asks for it.
  const there = container ? null : document.querySelector(`body > ${TAG}`);
  const element = there || document.createElement(TAG);
  apply(element, options);
  const handle = handleOf(
    element,
    () => load(origin, element),
    (signal) => put(element, container, signal),
  );
  if (there) handle.refresh();
  return handle;
};
