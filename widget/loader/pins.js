// Where built files come from. A loader that a page has pinned (docs/embed.md) knows what each of
// them has to be, and the browser refuses anything else.
//
// The loader that is not pinned has none of this: `__CAN_PIN__` is false there, and esbuild drops
// what follows from it.

/* global __CAN_PIN__, __PINS__ */

// File name below the asset directory → integrity. In the pinned loader from the start; the files
// that it fetches are told.
let pins = __PINS__;

/** Called by whoever imported this file's bundle. */
export const pin = (given) => (pins = given);

const integrityOf = (name) => {
  // A file that nobody knows is none of ours.
  if (!pins[name]) throw new TypeError(name + ' is not pinned');
  return pins[name];
};

const fetchPinned = async (assets, name, signal) =>
  fetch(assets + name, { signal, integrity: integrityOf(name) });

export const fetchAsset = (assets, name, signal) =>
  __CAN_PIN__ && pins ? fetchPinned(assets, name, signal) : fetch(assets + name, { signal });

/** `import()` takes no integrity. A module that was preloaded with one is the one it gets. */
const importPinned = async (href, name) => {
  const link = document.createElement('link');
  const integrity = integrityOf(name);
  await new Promise((onload, onerror) => {
    Object.assign(link, { rel: 'modulepreload', crossOrigin: '', integrity, href });
    document.head.append(Object.assign(link, { onload, onerror }));
  }).finally(() => link.remove());
  const module = await import(href);
  module.pin(pins);
  return module;
};

export const importAsset = (assets, name) =>
  __CAN_PIN__ && pins ? importPinned(assets + name, name) : import(assets + name);
