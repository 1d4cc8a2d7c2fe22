// One stay of the element on a page: read the status, show the banner, leave nothing. All that
// comes after the banner is in `takeover.js`.

import { tell } from '../package/handle.js';
import { createClient } from './client.js';
import { isDismissed } from './dismissal.js';
import { paint } from './paint.js';
import { importAsset } from './pins.js';

// True in the copy of this file that lies in `calls.js`: there somebody asked for the card's form,
// and it opens whatever the status says.
/* global __IS_ASKED__ */

/** Starts; the signal `gone` ends everything. `isBack`: what `takeBack` says, or will say. */
export const startSession = (element, origin, assets, gone, isBack) => {
  const client = createClient(element, origin, gone);
  const { request } = client;

  const emit = (name, detail) => tell(element, name, detail);

  // What the Wasm's script is told.
  const stay = { ...client, element, gone, emit };
  gone.onabort = () => stay.unmount?.();

  const show = (banner) => {
    const shadow = element.shadowRoot || element.attachShadow({ mode: 'open' });
    const root = (stay.root = paint(banner ? banner.view : ['div', {}]));
    // Nothing else: another dialog of ours may stand beside it.
    stay.unmount = () => root.remove();

    // The Wasm waits until the page is idle, or until somebody wants something: `wanted` is the
    // button that was pressed, or what the pointer is over.
    const takeOver = (wanted) =>
      importAsset(assets, 'widget.js')
        .then((module) => module.takeOver(stay, wanted))
        // Not even the script came. The way on is the hosted page.
        .catch(() => wanted?.className === 'primary' && request('POST', '/v1/page', '{}'))
        .then((answer) => answer?.body?.url && (location = answer.body.url));

    shadow.append(root);
    if (banner) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(banner.style);
      shadow.adoptedStyleSheets = [sheet];
      root.onclick = ({ target }) => takeOver(target.closest('button'));
      root.onpointerover = () => takeOver(root);
      emit('shown', { screen: 'banner' });
    }
    takeOver();
  };

  const start = async () => {
    const { status, body } = await request('GET', '/v1/status');
    const back = (stay.back = await isBack);
    if (gone.aborted) return;
    if (status !== 200) {
      emit('error', { code: body?.error.code || 'network' });
      // No answer arrived, most likely for want of a network. Nothing is shown for that.
      return status || addEventListener('online', start, { once: true, signal: gone });
    }
    const { state, access, banner } = (stay.status = body);
    emit('status', { state, access });
    // Who comes back hears how it went, also when the notice rests.
    const isWanted = banner && (back === '' || !isDismissed(banner.about));
    // A page with words of its own hears them from the first word on: the widget knows them, and
    // what there is to say to somebody who comes back from the bank.
    if (__IS_ASKED__ || back || state === 'pending' || isWanted)
      show(!__IS_ASKED__ && back == null && !element.texts && banner);
  };

  start();
};
