// A game pad, while a dialog of ours is open. Before and after it is the game's.
//
// Buttons by the standard layout (https://www.w3.org/TR/gamepad/#remapping, read 2026-11); pads of
// another layout have the stick and the first two buttons.

import { focused, goBack, isOurs, move, WRITTEN } from './walk.js';

const STICK_MIN = 0.5;
const REPEAT_DELAY_MS = 400;
const REPEAT_MS = 130;
const TYPED = 'iframe, select, ' + WRITTEN;

const [PRESS, BACK, UP, DOWN, LEFT, RIGHT] = [0, 1, 12, 13, 14, 15];

/** The pads that are there; none where the page's policy allows none. */
const padsNow = () => {
  try {
    return [...navigator.getGamepads()].filter((pad) => pad?.connected);
  } catch {
    return [];
  }
};

/** What is held on any pad, as the numbers of the standard buttons. */
const heldOn = (pads) => {
  const isDown = (button) =>
    pads.some(
      ({ buttons, mapping }) =>
        (button < UP || mapping === 'standard') && buttons[button]?.pressed,
    );
  const isTowards = (axis, sign) => pads.some(({ axes }) => axes[axis] * sign > STICK_MIN);
  const sticks = [
    [UP, 1, -1],
    [DOWN, 1, 1],
    [LEFT, 0, -1],
    [RIGHT, 0, 1],
  ];
  const held = new Set([PRESS, BACK, UP, DOWN, LEFT, RIGHT].filter(isDown));
  for (const [button, axis, sign] of sticks) if (isTowards(axis, sign)) held.add(button);
  return held;
};

/** Left and right change a list, because a pad opens none. */
const choose = (select, step) => {
  const at = select.selectedIndex + step;
  if (at < 0 || at >= select.length) return;
  select.selectedIndex = at;
  for (const type of ['input', 'change']) select.dispatchEvent(new Event(type, { bubbles: true }));
};

const act = (button, dialog, isRead) => {
  const node = focused();
  // Somebody else has the keyboard now, such as the bank's question.
  if (!dialog.matches(':modal') && !isOurs(dialog, node)) return;
  if (button === BACK) return goBack(dialog);
  if (button === PRESS) {
    if (isRead() && node !== dialog && isOurs(dialog, node) && !node.matches(TYPED)) node.click();
    return;
  }
  const isAcross = button === LEFT || button === RIGHT;
  const isRtl = getComputedStyle(dialog).direction === 'rtl';
  const step = button === DOWN || button === (isRtl ? LEFT : RIGHT) ? 1 : -1;
  if (isAcross && node.matches('select')) choose(node, step);
  else move(dialog, step);
};

/** Until `closed`. Without a pad nothing runs, until one is connected. */
export const watchPads = (front, isRead, closed) => {
  // Button → when it counts again. What was held before belongs to the game: let go first.
  let due = new Map([...heldOn(padsNow())].map((button) => [button, Infinity]));
  let isRunning;
  const tick = (now) => {
    isRunning = false;
    const dialog = front();
    if (closed.aborted || !dialog) return;
    const pads = padsNow();
    const next = new Map();
    for (const button of heldOn(pads)) {
      const at = due.get(button) ?? -Infinity;
      const isDue = now >= at;
      const rests = button < UP ? Infinity : at === -Infinity ? REPEAT_DELAY_MS : REPEAT_MS;
      next.set(button, isDue ? now + rests : at);
      if (isDue) act(button, dialog, isRead);
    }
    due = next;
    if (pads.length) run();
  };
  const run = () => {
    isRunning ||= requestAnimationFrame(tick);
  };
  addEventListener('gamepadconnected', run, { signal: closed });
  if (padsNow().length) run();
};
