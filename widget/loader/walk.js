// Where the focus is in a dialog of ours, and where it goes with one step.

const CONTROLS = 'a[href], button, input, select, summary, textarea, iframe';
/** What text is typed into. */
export const WRITTEN = 'textarea, input:not([type="radio"], [type="checkbox"])';
// What is left to read when there is no further control.
const SCROLL_PX = 120;

/** What is in `node`, in reading order; a slot has what the page put into it. */
const within = (node) => {
  const children =
    node.localName === 'slot' ? node.assignedElements({ flatten: true }) : node.children;
  return [...children].flatMap((child) => [child, ...within(child)]);
};

const isControl = (node) =>
  node.matches(CONTROLS) &&
  node.tabIndex >= 0 &&
  !node.disabled &&
  node.checkVisibility() &&
  // The provider's script has frames that nobody sees.
  node.offsetWidth > 1;

/** What has the keyboard, whichever shadow root it is in. */
export const focused = () => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
};

export const isOurs = (dialog, node) => node === dialog || within(dialog).includes(node);

/** One control on (1) or back (-1); past the last one, a piece of the text. */
export const move = (dialog, step, isStop = () => true) => {
  // The frame shows where the keyboard is also to those who used a mouse before.
  dialog.dataset.keys = '';
  const all = [dialog, ...within(dialog)];
  // Where the focus was lost, the way begins at the top.
  let at = Math.max(all.indexOf(focused()), 0);
  do at += step;
  while (all[at] && !(isControl(all[at]) && isStop(all[at])));
  if (all[at] && at > 0) {
    all[at].focus();
    all[at].scrollIntoView({ block: 'nearest' });
  } else dialog.scrollBy(0, step * SCROLL_PX);
};

/** A step back within the dialog where there is one, else out of it. */
export const goBack = (dialog) => {
  const arrow = dialog.querySelector('[part~="back"]');
  if (arrow?.checkVisibility()) arrow.click();
  else if (dialog.dispatchEvent(new Event('cancel', { cancelable: true }))) dialog.close();
};
