// Bundled with the Wasm's glue: fetches what the widget needs and puts it in the place of the
// painted banner, in one task, so that nothing moves.

import { stepAside } from './aside.js';
import { checkColours } from './colours.js';
import { rememberDismissal } from './dismissal.js';
import { dress, offerPhone } from './dress.js';
import { showFallback } from './fallback.js';
import { fetchSheet, fetchTexts } from './files.js';
import { assets } from './here.js';
import { chooseLocale } from './locale.js';
import { fetchAsset } from './pins.js';
import { isWalled, raiseWall } from './wall.js';

// The provider adds this to the address of whom it sends back from the bank's own page
// (https://docs.stripe.com/payments/3d-secure/authentication-flow, read 2026-11).
const FROM_BANK = /[?&]redirect_status=/;
// A page that is never idle gets the widget after this.
const IDLE = { timeout: 2_000 };

// The module is one for the whole page, whoever starts it: twice at a time, and each half of the
// page would have the other's memory. A failed start may be tried again.
let ready;
export const startOnce = (init) =>
  (ready ||= init({ module_or_path: fetchAsset(assets, 'widget_bg.wasm') }).catch((why) => {
    ready = 0;
    throw why;
  }));

/** Fetches a part of the Wasm; the glue calls it with the address (`xtask/src/build/split.rs`). */
export const part = ({ href }) => fetchAsset(assets, href.slice(assets.length));

/** Lets the page do something else. A task of more than 50 ms is felt. */
const breathe = () => new Promise((go) => setTimeout(go));

const idle = () => new Promise((go) => (self.requestIdleCallback || setTimeout)(go, IDLE));

const adopt = async (stay, name) => {
  const sheet = await fetchSheet(name, stay);
  const shadow = stay.root.getRootNode();
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
};

/** What the Worker made of amounts and dates, where it was in this language and for this clock. */
const saidTo = (locale, { banner }) => {
  const { tag, at_ms, west_min, texts } = banner?.said || {};
  return tag === locale && new Date(at_ms).getTimezoneOffset() === west_min && texts;
};

/** Mounts the widget. Where no Wasm runs, the painted banner stays, or a plain text comes. */
const start = async (stay, begin, mount, panel) => {
  const { element, gone, inTime, root, emit } = stay;
  const { language, locale } = chooseLocale(element);
  const painted = root.firstChild;
  if (!painted) {
    root.lang = language;
    root.getRootNode().adoptedStyleSheets = [];
  }
  let style;
  const loadStyle = () => (style ||= adopt(stay, 'panel.css').catch(() => (style = 0)));
  const hasWall = isWalled(stay);
  const file = fetchTexts(element, 'locale', language, stay);
  // Not `allSettled`, which the replaced promises of old libraries do not have.
  const failed = (why) => ({ why });
  const [{ why }, texts] = await Promise.all([
    inTime(begin()).catch(failed),
    file.catch(() => {}),
    painted || adopt(stay, 'notice.css').catch(() => {}),
    hasWall && loadStyle(),
  ]);
  await breathe();
  if (gone.aborted) return;
  const { part } = root.getRootNode().activeElement || {};
  if (texts) root.dir = texts.direction;
  // Who has seen the banner arrive need not see it again, nor hear of it.
  if (painted) root.dataset.still = '';
  let isTold = painted;
  try {
    if (why) throw why;
    stay.texts = texts;
    stay.handle = mount({
      ...stay,
      locale,
      said: saidTo(locale, stay.status),
      isBack: FROM_BANK.test(location.search),
      dismiss: rememberDismissal,
      emit: (name, detail) => {
        if (!isTold || name !== 'shown') return emit(name, detail);
        isTold = false;
      },
      // Closing gives the keyboard back to where it was; the view would just take the dialog away.
      // The rest goes later, because the call comes out of that very view.
      leave: () => {
        root.querySelector('dialog')?.close();
        queueMicrotask(stay.unmount);
      },
      panel: () => {
        offerPhone(stay);
        return inTime(Promise.all([panel(), loadStyle()]));
      },
    });
    root.onclick = root.onpointerover = null;
    painted?.remove();
    stepAside(root, gone);
    if (hasWall) raiseWall(root, texts);
    breathe().then(() => {
      // They have the style computed, and nobody waits for them.
      if (!root.isConnected) return;
      checkColours(root, gone);
      dress(element, root, gone);
    });
    if (part?.length) root.querySelector(`[part~="${part}"]`)?.focus();
  } catch {
    // A painted banner says it better, and its buttons may start the widget once more.
    if (painted) return (stay.started = 0);
    showFallback(root, texts);
    emit('shown', { screen: 'banner' });
  }
};

/** Presses the widget's button in the place of the painted one. */
const press = async (stay, button, started) => {
  const { root, status, emit, request } = stay;
  const { part } = button;
  if (part.contains('dismiss')) {
    rememberDismissal(status);
    emit('dismissed', {});
    return stay.unmount();
  }
  button.ariaBusy = 'true';
  await started;
  if (stay.handle) return root.querySelector(`[part~="${part}"]`)?.click();
  // Where no Wasm runs, the way on is the hosted page; without any Wasm at all, the provider's.
  const mode = self.WebAssembly ? 'widget' : 'provider';
  const { body } = await request('POST', '/v1/page', JSON.stringify({ mode }));
  button.ariaBusy = 'false';
  return { body };
};

/**
 * Resolves when the widget is there or will not come; with an answer whose page is the way on
 * instead. `wanted`: see `session.js`. `wasm` are the glue's functions.
 */
export const takeOver = async (stay, wanted, ...wasm) => {
  const { gone, root } = stay;
  if (!wanted && root.firstChild) await idle();
  if (gone.aborted) return;
  stay.unmount = () => {
    stay.handle?.unmount();
    stay.handle = null;
    root.remove();
  };
  stay.started ||= start(stay, ...wasm);
  if (wanted && wanted !== root) return press(stay, wanted, stay.started);
};
