// "Not now" is remembered for a day, for these invoices at this level of access: when something
// new is due, or access is about to get worse, the notice may be seen again. Pages that block
// storage work; they just do not remember.

const KEY = 'reprieve:dismissed';
const REST_MS = 24 * 60 * 60 * 1000;

const mark = ({ access, invoices }) => access + invoices.map(({ id }) => id);

export const isDismissed = (status) => {
  try {
    const [until, what] = localStorage[KEY].split(' ');
    return what === mark(status) && until > Date.now();
  } catch {}
};

export const rememberDismissal = (status) => {
  try {
    localStorage[KEY] = Date.now() + REST_MS + ' ' + mark(status);
  } catch {}
};
