// Everything about leaving (see `later.js`): a dialog in the element's shadow root,
// beside the notice, if there is one.
//
// It speaks to the Worker with a token of its own. The Wasm decides what is shown; here is what
// only a browser can: fetching it, saving a file, going away.

import { createClient } from './client.js';
import { assets, origin } from './here.js';
import { chooseLocale } from './locale.js';
import { fetchAsset, importAsset } from './pins.js';

const HOST = 'data-reprieve-dialog';
const LINK = /^(https?:\/\/|mailto:|tel:).*/i;

// The notice's Wasm and the dialog's part of it; the module is one for the whole page.
let wasm;
const loadWasm = () =>
  (wasm ||= importAsset(assets, 'widget.js')
    .then((module) => module.default().then(module.cancel).then(() => module))
    .catch(() => (wasm = 0)));

const sheetOf = async (name, signal) => {
  const sheet = new CSSStyleSheet();
  await sheet.replace(await (await fetchAsset(assets, name, signal)).text());
  return sheet;
};

/** Calls `left` when the element leaves the page; a `refresh()` is no leaving. */
const watch = (element, ended, left) => {
  const { signal } = element.stay;
  const look = () => {
    if (!element.isConnected) left();
    // The element begins a new stay in the same task.
    else queueMicrotask(() => ended.aborted || watch(element, ended, left));
  };
  if (signal.aborted) look();
  else signal.addEventListener('abort', look, { once: true, signal: ended });
};

// Nobody has read a screen in less.
const READ_MS = 350;

/**
 * The way out stands in the same place on every screen, so whoever presses twice would press the
 * next screen's too. What decides something takes no second press of the same gesture, none before
 * the screen can have been read, and none of a key that is held down: staying and leaving alike.
 */
const guard = (root) => {
  let shownAt = 0;
  new MutationObserver(() => (shownAt = performance.now())).observe(root, {
    attributeFilter: ['data-screen'],
  });
  const refuse = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const decides = ({ target }) => target.closest('[part~="choice"]');
  root.addEventListener(
    'click',
    (event) => {
      const isEarly = event.detail > 1 || performance.now() - shownAt < READ_MS;
      if (isEarly && decides(event)) refuse(event);
    },
    true,
  );
  const held = (event) => event.repeat && decides(event) && refuse(event);
  root.addEventListener('keydown', held, true);
};

/** A text as a file, without a server. */
const save = (id, text) => {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  link.download = `cancellation-${id}.txt`;
  link.click();
  URL.revokeObjectURL(link.href);
};

/** What a customer sees whose network or page keeps the Wasm away. */
const showApology = (root, texts, contact, leave) => {
  const dialog = document.createElement('dialog');
  dialog.className = 'panel way form';
  const add = (tag, text) => dialog.appendChild(document.createElement(tag)).append(text);
  add('p', texts?.['problem.load'] || 'This could not be loaded. Please try again.');
  if (contact) {
    add('a', texts?.['action.contact'] || contact);
    dialog.lastChild.href = contact;
  }
  add('button', texts?.['action.close'] || 'OK');
  dialog.lastChild.onclick = dialog.onclose = () => leave();
  root.append(dialog);
  dialog.showModal();
};

/** `what` is a word, or a button that carries it: `data-reprieve`, `data-subscription`. True when
 * it is open. */
export const open = async (element, what) => {
  const { reprieve: aim = what, subscription } = what.dataset || {};
  // A second click opens nothing twice.
  if (element.shadowRoot?.querySelector(`[${HOST}]`)) return true;
  const host = document.createElement('div');
  host.setAttribute(HOST, '');
  for (const name of ['theme', 'skin']) {
    const value = element.getAttribute(name);
    if (value) host.setAttribute(name, value);
  }
  (element.shadowRoot || element.attachShadow({ mode: 'open' })).append(host);

  const gone = new AbortController();
  let handle;
  const leave = (hasChanged) => {
    if (gone.signal.aborted) return;
    gone.abort();
    // Later, because the call comes out of the very view that goes away. Closing gives the keyboard
    // back to where it was.
    queueMicrotask(() => {
      host.shadowRoot.querySelector('dialog')?.close();
      handle?.unmount();
      host.remove();
      element.dispatchEvent(
        new CustomEvent('reprieve:closed', { bubbles: true, composed: true, detail: {} }),
      );
      // What is open may be settled now.
      if (hasChanged) element.refresh();
    });
  };
  watch(element, gone.signal, leave);

  const { request, limit, inTime } = createClient(element, origin, gone.signal);
  const { language, locale } = chooseLocale(element);
  const shadow = host.attachShadow({ mode: 'open' });
  const [widget, style, ways, texts] = await Promise.all(
    [
      inTime(loadWasm()),
      sheetOf('widget.css', limit()),
      sheetOf('cancel/cancel.css', limit()),
      fetchAsset(assets, `cancel/${language}.json`, limit()).then((it) => it.json()),
    ].map((part) => part.catch(() => {})),
  );
  if (gone.signal.aborted) return false;
  shadow.adoptedStyleSheets = [style, ways].filter(Boolean);
  const root = document.createElement('div');
  root.lang = language;
  root.dir = texts?.direction;
  root.dataset.screen = 'loading';
  guard(root);
  shadow.append(root);
  const emit = (name, detail) =>
    element.dispatchEvent(
      new CustomEvent('reprieve:' + name, { detail, bubbles: true, composed: true }),
    );
  // Anything else, such as `javascript:`, is no link.
  const contact = LINK.exec(element.getAttribute('contact-url') || '')?.[0];
  const own = element.texts;
  const opener = {
    root, aim, subscription, contact, texts, own, locale, request, emit, save, leave,
  };
  try {
    handle = widget.mount_cancel(opener);
  } catch {
    showApology(root, texts, contact, leave);
  }
  return true;
};
