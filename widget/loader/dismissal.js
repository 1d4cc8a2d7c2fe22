// "Not now" is remembered for a day, for what the notice is about (`edge/src/painting.rs`): when
// something new is due, access is about to get worse, or it is another card, it may be seen again.
// Where nothing is due and it is about the card alone, it rests for a week. Pages that block
// storage work; they just do not remember.

const PREFIX = 'reprieve:rests:';
const DAY_MS = 24 * 60 * 60 * 1000;

/** `about`: see `banner` in the Worker's answer. */
export const isDismissed = (about) => {
  try {
    return localStorage[PREFIX + about] > Date.now();
  } catch {}
};

export const forgetDismissals = () => {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(PREFIX)) delete localStorage[key];
    }
  } catch {}
};

export const rememberDismissal = (status) => {
  forgetDismissals();
  try {
    const rest = status.invoices[0] ? DAY_MS : 7 * DAY_MS;
    localStorage[PREFIX + status.banner.about] = Date.now() + rest;
  } catch {}
};
