// Bundled with the Wasm's glue: fetches what the widget needs and puts it in the place of the
// painted banner, in one task, so that nothing moves.

import { showFallback } from './fallback.js';
import { fetchAsset, wasmOf } from './pins.js';

// The module is one for all elements of the page; a failed start may be tried again.
let ready;

/** Resolves to the mounted widget's handle. Rejects where no Wasm runs and a banner is painted. */
export const takeOver = async (stay, init, mount, panel) => {
  const { assets, language, locale, gone, limit, inTime, unmount, placed, ...rest } = stay;
  ready ||= init(wasmOf(assets)).catch((why) => {
    ready = 0;
    throw why;
  });
  const file = fetchAsset(assets, `locale/${language}.json`, limit());
  // Not `allSettled`, which the replaced promises of old libraries do not have.
  const failed = (why) => ({ why });
  const [root, { why }, texts] = await Promise.all([
    placed,
    inTime(ready).catch(failed),
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
      // Later, because the call comes out of the very view that goes away.
      leave: () => queueMicrotask(unmount),
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
