// One stay of the element on a page: read the status, show what must be shown, leave nothing.

import { createClient } from './client.js';
import { isDismissed, rememberDismissal } from './dismissal.js';
import { chooseLocale } from './locale.js';
import { paint } from './paint.js';
import { fetchAsset, importAsset } from './pins.js';

// True in the copy of this file that lies in `calls.js`: there somebody asked for the card's form,
// and it opens whatever the status says.
/* global __IS_ASKED__ */

// A page that is never idle gets the widget after this.
const IDLE = { timeout: 2_000 };

/** Starts; the signal `gone` ends everything. `back`: see `takeBack`. */
export const startSession = (element, origin, assets, gone, back) => {
  const client = createClient(element, origin, gone);
  const { request, limit, inTime } = client;
  let handle;
  let root;

  const emit = (name, detail) =>
    element.dispatchEvent(
      new CustomEvent('reprieve:' + name, { detail, bubbles: true, composed: true }),
    );

  const unmount = () => {
    handle?.unmount();
    handle = null;
    // Nothing else: another dialog of ours may stand beside it.
    root?.remove();
  };

  const show = (status) => {
    const { language, locale } = chooseLocale(element);
    // A page with words of its own hears them from the first word on: the widget knows them, and
    // what there is to say to somebody who comes back from the bank.
    const banner = !__IS_ASKED__ && back == null && !element.texts && status.banner;
    let taking;

    const place = async () => {
      const css = await fetchAsset(assets, 'widget.css', limit())
        .then((answer) => answer.text())
        .catch(() => '');
      const shadow = element.shadowRoot || element.attachShadow({ mode: 'open' });
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      shadow.adoptedStyleSheets = [sheet];
      root = document.createElement('div');
      root.lang = language;
      if (gone.aborted) return;
      if (!__IS_ASKED__ && banner) {
        root.dir = banner.direction;
        root.dataset.screen = 'banner';
        paint(root, banner, press);
        root.onpointerover = takeOver;
        (self.requestIdleCallback || setTimeout)(takeOver, IDLE);
      }
      shadow.append(root);
      return root;
    };

    const takeOver = () =>
      (taking ||= inTime(importAsset(assets, 'widget.js'))
        .then((module) =>
          module.takeOver({
            ...client, element, gone, emit, unmount, placed, language, locale, status,
            back, dismiss: rememberDismissal,
          }),
        )
        .then((it) => (handle = it))
        .catch(() => {
          taking = 0;
          emit('shown', { screen: 'banner' });
        }));

    // Whoever presses a button of the painted banner presses the widget's, as soon as it is there.
    // Where no Wasm runs, the way on is the hosted page; without any Wasm at all, the provider's.
    const press = async (part, button) => {
      if (part === 'dismiss') {
        rememberDismissal(status);
        emit('dismissed', {});
        return unmount();
      }
      button.ariaBusy = 'true';
      await takeOver();
      if (handle) return root.querySelector(`[part~=${part}]`)?.click();
      const mode = self.WebAssembly ? 'widget' : 'provider';
      const { body } = await request('POST', '/v1/page', JSON.stringify({ mode }));
      button.ariaBusy = 'false';
      if (body?.url) location.assign(body.url);
    };

    const placed = place();
    if (!banner) takeOver();
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
    if (__IS_ASKED__ || back || state === 'pending' || isWanted) show(body);
  };

  gone.onabort = unmount;
  start();
};
