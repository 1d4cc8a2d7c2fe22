// The banner in the Worker's words, before any Wasm is there. The same elements, classes and parts
// as the widget's own banner (`widget/src/view/banner.rs`), so that the page does not move when
// that one takes its place. Texts are texts: `textContent` and nothing else.

/** `press` hears the part of the button that was pressed, and the button. */
export const paint = (root, banner, press) => {
  const add = (parent, tag, className, text, part) => {
    const node = parent.appendChild(document.createElement(tag));
    node.className = className;
    if (text) node.textContent = text;
    if (part) node.part = part;
    return node;
  };
  const icon = (parent, name) => (add(parent, 'span', 'icon').dataset.icon = name);
  const button = (parent, className, part, text) => {
    const node = add(parent, 'button', className, text, part);
    node.onclick = () => press(part, node);
    return node;
  };

  const card = add(add(root, 'div', 'inline'), 'section', 'card', '', 'banner');
  card.ariaLabel = banner.label;
  icon(card, 'card');
  const words = add(card, 'div', 'words');
  for (const name of ['title', 'message']) add(words, 'p', name, banner[name], name);
  const facts = add(words, 'div', 'facts');
  add(facts, 'b', '', banner.due);
  add(facts, 'bdi', '', banner.method).dir = 'ltr';
  const actions = add(card, 'div', 'actions');
  if (banner.retry) button(actions, 'secondary', 'secondary', banner.retry);
  if (banner.update) button(actions, 'primary', 'primary', banner.update);
  if (banner.dismiss) {
    const cross = button(card, 'cross', 'dismiss');
    cross.ariaLabel = banner.dismiss;
    icon(cross, 'cross');
  }
};
