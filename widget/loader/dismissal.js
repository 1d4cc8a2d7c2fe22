// "Not now" is remembered for a day, for these invoices at this level of access: when something
// new is due, or access is about to get worse, the notice may be seen again. Where nothing is due
// and the notice is about the card alone, it rests for a week. Pages that block storage work; they
// just do not remember.

const KEY = 'reprieve:dismissed';
const DAY_MS = 24 * 60 * 60 * 1000;

const mark = ({ access, invoices, card_news }) =>
  access + invoices.map(({ id }) => id) + (invoices[0] ? '' : card_news?.kind);

export const isDismissed = (status) => {
  try {
    const [until, what] = localStorage[KEY].split(' ');
    return what === mark(status) && until > Date.now();
  } catch {}
};

export const rememberDismissal = (status) => {
  try {
    const rest = status.invoices[0] ? DAY_MS : 7 * DAY_MS;
    localStorage[KEY] = Date.now() + rest + ' ' + mark(status);
  } catch {}
};
