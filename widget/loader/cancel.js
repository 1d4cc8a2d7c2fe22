// The dialog about leaving. The Wasm decides what is shown; here is what only a browser can:
// fetching it, saving a file, taking no press that nobody meant.

import { assets } from './here.js';
import { importAsset } from './pins.js';
import { READ_MS } from './reading.js';
import { isOnStage, openStage, showApology } from './stage.js';

// The notice's Wasm and the dialog's part of it; the module is one for the whole page.
let wasm;
const loadWasm = () =>
  (wasm ||= importAsset(assets, 'widget.js')
    .then((module) => module.default().then(module.cancel).then(() => module))
    .catch(() => (wasm = 0)));

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

/** `aim` says what for, `subscription` which one, if the page says so. True when it is open. */
export const leave = async (element, aim, subscription) => {
  if (isOnStage(element, 'cancel')) return true;
  const stage = await openStage(element, 'cancel', [({ inTime }) => inTime(loadWasm())]);
  if (!stage) return false;
  const [widget] = stage.loaded;
  guard(stage.root);
  try {
    stage.handle = widget.mount_cancel({ ...stage, aim, subscription, save });
  } catch {
    showApology(stage);
  }
  return true;
};
