// The banner in the Worker's words, before any Wasm is there. What it looks like is the Worker's
// too (`edge/src/painting.rs`), but nothing that it could say would run: texts become text nodes,
// and there are only these elements, without handlers of events.

const ELEMENTS = /^(div|section|span|p|b|bdi|button)$/;

/** `[tag, {attribute: value}, child…]` → an element; a child is a text or such a list. */
export const paint = ([tag, attributes, ...children]) => {
  const node = document.createElement(ELEMENTS.test(tag) ? tag : 'b');
  for (const name of Object.keys(attributes)) {
    if (name[0] !== 'o') node.setAttribute(name, attributes[name]);
  }
  node.append(...children.map((child) => (child.map ? paint(child) : child)));
  return node;
};
