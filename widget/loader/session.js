// One stay of the element on a page: read the status, show what must be shown, leave nothing.

import { createClient } from './client.js';
import { isDismissed, rememberDismissal } from './dismissal.js';
import { chooseLocale } from './locale.js';

let wasm;

/** Starts; the signal `gone` ends everything. `back`: see `takeBack`. */
export const startSession = (element, origin, assets, gone, back) => {
  const { request, limit, inTime } = createClient(element, origin, gone);
  let handle;
  let root;

  const emit = (name, detail) =>
    element.dispatchEvent(
      new CustomEvent('reprieve:' + name, { detail, bubbles: true, composed: true }),
    );

  const load = (name) => fetch(assets + name, { signal: limit() });

  // The module is one for all elements of the page; a failed start may be tried again.
  const loadWasm = () =>
    (wasm ||= import(assets + 'widget.js')
      .then((module) => module.default().then(() => module))
      .catch(() => (wasm = 0)));

  const unmount = () => {
    handle?.unmount();
    handle = null;
    // Nothing else: another dialog of ours may stand beside it.
    root?.remove();
  };

  const show = async (status) => {
    const { language, locale } = chooseLocale(element);
    const [widget, css, texts] = (
      await Promise.allSettled([
        loadWasm(),
        load('widget.css').then((response) => response.text()),
        load(`locale/${language}.json`).then((response) => response.json()),
      ])
    ).map(({ value }) => value);
    if (gone.aborted) return;
    const shadow = element.shadowRoot || element.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css || '');
    shadow.adoptedStyleSheets = [sheet];
    root = document.createElement('div');
    root.lang = language;
    root.dir = texts?.direction;
    shadow.append(root);
    // Later, because the call comes out of the very view that goes away.
    try {
      handle = widget.mount({
        element,
        root,
        status,
        texts,
        locale,
        back,
        request,
        emit,
        dismiss: rememberDismissal,
        leave: () => queueMicrotask(unmount),
        panel: () => inTime(widget.panel()),
      });
    } catch {
      import(assets + 'later.js')
        .then((module) => module.showFallback(root, texts))
        .catch(() => {});
    }
  };

  const start = async () => {
    const { status, body } = await request('GET', '/v1/status');
    if (gone.aborted) return;
    if (status !== 200) {
      emit('error', { code: body?.error.code || 'network' });
      // No answer arrived, most likely for want of a network. Nothing is shown for that.
      if (!status) addEventListener('online', start, { once: true, signal: gone });
      return;
    }
    const { state, access, card_news } = body;
    emit('status', { state, access });
    const hasNotice = state === 'action_needed' || (state === 'clear' && card_news);
    // Who comes back hears how it went, also when the notice rests.
    const isWanted = hasNotice && (back === '' || !isDismissed(body));
    if (back || state === 'pending' || isWanted) show(body);
  };

  gone.onabort = unmount;
  start();
};
