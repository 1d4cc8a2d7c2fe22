// Bundled with the Wasm's glue: fetches what the widget needs and puts it in the place of the
// painted banner, in one task, so that nothing moves.

import { showFallback } from './fallback.js';
import { assets } from './here.js';
import { fetchAsset } from './pins.js';

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

/** Resolves to the mounted widget's handle. Rejects where no Wasm runs and a banner is painted. */
export const takeOver = async (stay, start, mount, panel) => {
  const { language, locale, gone, limit, inTime, unmount, placed, ...rest } = stay;
  const file = fetchAsset(assets, `locale/${language}.json`, limit());
  // Not `allSettled`, which the replaced promises of old libraries do not have.
  const failed = (why) => ({ why });
  const [root, { why }, texts] = await Promise.all([
    placed,
    inTime(start()).catch(failed),
    file.then((answer) => answer.json()).catch(() => {}),
  ]);
  if (gone.aborted) return;
  const painted = root.firstChild;
  const { part } = root.getRootNode().activeElement || {};
  if (texts) root.dir = texts.direction;
  // Who has seen the banner arrive need not see it again.
  if (painted) root.dataset.still = '';
  try {
    if (why) throw why;
    const handle = mount({
      ...rest,
      root,
      texts,
      locale,
      // Closing gives the keyboard back to where it was; the view would just take the dialog away.
      // The rest goes later, because the call comes out of that very view.
      leave: () => {
        root.querySelector('dialog')?.close();
        queueMicrotask(unmount);
      },
      panel: () => inTime(panel()),
    });
    painted?.remove();
    if (part?.length) root.querySelector(`[part~="${part}"]`)?.focus();
    return handle;
  } catch (error) {
    if (painted) throw error;
    showFallback(root, texts);
    rest.emit('shown', { screen: 'banner' });
  }
};
