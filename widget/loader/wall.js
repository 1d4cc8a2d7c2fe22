// The access wall. Where access is restricted for want of a payment, a product that has the
// attribute `wall` gets the notice in front of the whole page. It keeps nobody: the card, a person
// and the way out are on it, and without Wasm there is none.

const CLOSED = ['restricted', 'ended'];

/** Whether one is wanted; its style is the panel's. */
export const isWalled = ({ element, status }) =>
  element.hasAttribute('wall') && CLOSED.includes(status.access);

/** Puts `root` into the wall; what takes `root` away takes the wall away. */
export const raiseWall = (root, texts) => {
  const wall = document.createElement('dialog');
  wall.className = wall.part = 'wall';
  wall.setAttribute('aria-label', texts['region.label']);

  const asides = root.appendChild(document.createElement('div'));
  asides.className = 'asides';
  for (const [opens, key] of [['cancel', 'action.leave'], ['question', 'action.question']]) {
    const button = asides.appendChild(document.createElement('button'));
    Object.assign(button, { type: 'button', className: 'plain', textContent: texts[key] });
    // The loader opens what the attribute names.
    button.setAttribute('data-reprieve', opens);
    button.setAttribute('data-about', 'access');
  }

  root.replaceWith(wall);
  wall.append(root);
  // An open panel is modal itself, and has to let the bank's question through.
  const arrange = () => {
    if (root.parentNode !== wall) return wall.remove();
    if (wall.open) wall.close();
    if (root.dataset.screen === 'banner') wall.showModal();
    else wall.show();
  };
  new MutationObserver(arrange).observe(root, { attributeFilter: ['data-screen'] });
  new MutationObserver(arrange).observe(wall, { childList: true });
  wall.oncancel = (event) => event.preventDefault();
  // A browser may close a dialog whatever we say.
  wall.onclose = () => wall.isConnected && !wall.open && arrange();
  arrange();
};
