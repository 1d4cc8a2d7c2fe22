// "Not now" is remembered for a day, for these invoices at this level of access and this news of
// the card, known by the card's end: when something new is due, access is about to get worse, or
// it is another card, the notice may be seen again. Where nothing is due and it is about the card
// alone, it rests for a week. Pages that block storage work; they just do not remember.

const PREFIX = 'reprieve:rests:';
const DAY_MS = 24 * 60 * 60 * 1000;

const keyOf = ({ access, invoices, card_news }) =>
  PREFIX + access + invoices.map(({ id }) => id) + card_news?.expires_at_ms;

export const isDismissed = (status) => {
  try {
    return localStorage[keyOf(status)] > Date.now();
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
    localStorage[keyOf(status)] = Date.now() + rest;
  } catch {}
};
