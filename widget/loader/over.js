// The notice above whatever the page shows on the whole screen.
//
// The top layer lets it be seen there. Pressing it is another matter: in Chromium all that is
// outside of the full-screen element is inert while no modal dialog is open (seen in version 156),
// so presses go through the notice to the game below. Somebody who presses what they see means it:
// a press on the notice is taken from the game and given to the button that is seen there.

const DOWN = ['pointerdown', 'mousedown', 'touchstart'];
const UP = ['pointerup', 'mouseup', 'touchend', 'click'];

/** Whether `container` is `node` or around it, also across shadow roots. */
const isInside = (node, container) => {
  for (let at = node; at; at = at.parentNode || at.host) if (at === container) return true;
};

/** Whether the page shows something on the whole screen that `node` is no part of. */
export const isCovered = (node) =>
  document.fullscreenElement && !isInside(node, document.fullscreenElement);

export const exitFullscreen = () => document.exitFullscreen().catch(() => {});

const isAt = (node, { clientX, clientY }) => {
  const { left, right, top, bottom } = node.getBoundingClientRect();
  return clientX >= left && clientX < right && clientY >= top && clientY < bottom;
};

/** Takes the presses on the notice out of the hands of what is below it, until `sunk`. */
const takePresses = (element, shadow, sunk) => {
  let isOurs;
  const hear = (event) => {
    // Where the browser brings presses to the notice itself, there is nothing to do; a caught
    // pointer is nowhere; and what a script makes up is no press.
    const { pointerLockElement } = document;
    if (!event.isTrusted || pointerLockElement || event.composedPath().includes(element)) return;
    const card = shadow.querySelector('.inline > .card');
    const point = event.changedTouches?.[0] || event;
    if (DOWN.includes(event.type)) isOurs = card && isAt(card, point);
    if (!isOurs) return;
    event.stopImmediatePropagation();
    // The focus stays where it is.
    if (event.type === 'mousedown') event.preventDefault();
    if (event.type !== 'click') return;
    [...card.querySelectorAll('button')].find((button) => isAt(button, point))?.click();
  };
  for (const type of [...DOWN, ...UP])
    addEventListener(type, hear, { capture: true, signal: sunk });
};

/** `hasDialog` says whether a dialog of ours is open. Until `gone`. */
export const rise = (element, shadow, hasDialog, gone) => {
  let sunk;
  const sink = () => {
    sunk?.abort();
    sunk = null;
    if (element.popover) element.popover = null;
  };
  const arrange = () => {
    sink();
    if (!isCovered(element)) return;
    // A dialog that was there before would be below it, and nothing could be used.
    if (hasDialog()) return exitFullscreen();
    const notice = shadow.querySelector('.inline');
    // One that stands in the text of the page stays there.
    if (!notice || getComputedStyle(notice).position !== 'fixed') return;
    element.popover = 'manual';
    element.showPopover?.();
    sunk = new AbortController();
    takePresses(element, shadow, sunk.signal);
  };
  document.addEventListener('fullscreenchange', arrange, { signal: gone });
  gone.addEventListener('abort', sink);
  arrange();
};
