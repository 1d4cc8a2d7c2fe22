// Where a dialog of ours stands that is no part of the notice: in the element's shadow root, beside
// the notice, if there is one, with a shadow root and a token of its own.

import { tell } from '../package/handle.js';
import { createClient } from './client.js';
import { checkColours } from './colours.js';
import { dress } from './dress.js';
import { fetchSheet, fetchTexts } from './files.js';
import { origin } from './here.js';
import { chooseLocale } from './locale.js';

const HOST = 'data-reprieve-dialog';
const LINK = /^(https?:\/\/|mailto:|tel:).*/i;

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

/** What a customer sees whose network or page keeps from us what the dialog is made of. */
export const showApology = ({ root, texts, contact, leave }) => {
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

/** A second click opens nothing twice. */
export const isOnStage = (element, name) =>
  element.shadowRoot?.querySelector(`[${HOST}="${name}"]`);

/**
 * Loads texts, style and, with them, what the `parts` promise, each a function of the client, into
 * `loaded`. Resolves to nothing when the element is gone; and where there are no texts, after an
 * apology.
 */
export const openStage = async (element, name, parts) => {
  const host = document.createElement('div');
  host.setAttribute(HOST, name);
  for (const name of ['theme', 'skin', 'layout']) {
    const value = element.getAttribute(name);
    if (value) host.setAttribute(name, value);
  }
  (element.shadowRoot || element.attachShadow({ mode: 'open' })).append(host);

  const gone = new AbortController();
  const emit = (name, detail) => tell(element, name, detail);
  const stage = { emit };
  stage.leave = (hasChanged) => {
    if (gone.signal.aborted) return;
    gone.abort();
    // Later, because the call comes out of the very view that goes away. Closing gives the keyboard
    // back to where it was.
    queueMicrotask(() => {
      host.shadowRoot.querySelector('dialog')?.close();
      stage.handle?.unmount();
      host.remove();
      emit('closed', {});
      // What is open may be settled now.
      if (hasChanged) element.refresh();
    });
  };
  watch(element, gone.signal, stage.leave);

  const client = createClient(element, origin, gone.signal);
  const { language, locale } = chooseLocale(element);
  const shadow = host.attachShadow({ mode: 'open' });
  const [texts, ...rest] = await Promise.all(
    [
      fetchTexts(element, 'cancel', language, client),
      fetchSheet('notice.css', client),
      fetchSheet('panel.css', client),
      fetchSheet('cancel/cancel.css', client),
      ...parts.map((part) => part(client)),
    ].map((part) => part.catch(() => {})),
  );
  if (gone.signal.aborted) return;
  const [banner, panel, ways, ...loaded] = rest;
  shadow.adoptedStyleSheets = [banner, panel, ways].filter(Boolean);
  const root = document.createElement('div');
  root.lang = language;
  root.dir = texts?.direction;
  root.dataset.screen = 'loading';
  shadow.append(root);
  checkColours(root, gone.signal);
  dress(element, root, gone.signal);
  // Anything else, such as `javascript:`, is no link.
  const contact = LINK.exec(element.getAttribute('contact-url') || '')?.[0];
  const { request } = client;
  Object.assign(stage, { root, texts, locale, contact, request, loaded });
  if (texts) return stage;
  showApology(stage);
};
