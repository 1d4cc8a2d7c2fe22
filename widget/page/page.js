// The hosted page, opened by a link from the merchant. Looking at it does nothing; *Continue*
// trades the link for a customer token, and then the same widget runs here as on the merchant's own
// pages.
//
// The token lives in memory. What makes this browser known again is a cookie that no script reads;
// until its answer has arrived, the tab remembers what it drew, so that a lost answer or a reload
// in the wrong moment locks nobody out.

import { forgetDismissals } from '../loader/dismissal.js';

const LIMIT_MS = 30_000;
const KEY = 'reprieve:link';
const BROWSER_BYTES = 32;

const link = location.pathname.slice('/p/'.length);

// Who comes back from a bank's page has a client secret in the address, put there by Stripe. It
// goes at once; how it ended stays until the widget has read it.
const tidyAddress = (query) => {
  if (location.search) history.replaceState(null, '', location.pathname + query);
};
const query = new URLSearchParams(location.search);
const ended = query.get('redirect_status');
// What came of our own form the loader takes out; a loader that does not come leaves it to us.
if (query.has('reprieve_back')) addEventListener('load', () => tidyAddress(''));
else tidyAddress(ended ? '?redirect_status=' + encodeURIComponent(ended) : '');

const main = document.querySelector('main');
const place = document.querySelector('[data-place]');

const show = (view) => {
  for (const section of main.querySelectorAll('section')) {
    section.hidden = section.dataset.view !== view;
    // Whoever does not see the page change is told by where the focus is.
    if (!section.hidden) section.querySelector('h1').focus();
  }
};

const recall = () => {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept.link === link ? kept : {};
  } catch {
    return {};
  }
};

const remember = (kept) => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ link, ...kept }));
  } catch {}
};

const draw = () =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(BROWSER_BYTES))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

const browser = recall().browser || draw();

/** Resolves to the session; rejects with the name of the view that says why there is none. */
const exchange = async () => {
  const { isOpen } = recall();
  remember({ isOpen, browser: isOpen ? undefined : browser });
  let answer;
  try {
    answer = await fetch(`/p/${link}/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ browser }),
      cache: 'no-store',
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch {
    throw 'failed';
  }
  if (answer.status === 404) throw 'gone';
  if (!answer.ok) throw 'failed';
  const session = await answer.json();
  remember({ isOpen: true });
  return session;
};

let element;

const startWidget = (token) => {
  let first = token;
  let isShown = false;
  element = document.createElement('reprieve-widget');
  element.getToken = async () => {
    const fresh = first || (await exchange()).token;
    first = undefined;
    return fresh;
  };
  element.addEventListener('reprieve:status', ({ detail }) => {
    // Once it is shown the widget says itself how things went.
    if (isShown) return;
    const isWell = detail.state === 'clear' || detail.state === 'recovered';
    const isOnItsWay = detail.state === 'processing';
    show(isWell ? 'clear' : isOnItsWay ? 'days' : 'widget');
    if (isWell) tidyAddress('');
  });
  element.addEventListener('reprieve:shown', () => {
    isShown = true;
    // It may have been shown to somebody who comes back and has nothing open any more.
    show('widget');
    tidyAddress('');
  });
  element.addEventListener('reprieve:recovered', () => {
    // The widget says thank you and leaves when it is told to.
    const leaving = new MutationObserver(() => {
      if (element.shadowRoot.childElementCount) return;
      leaving.disconnect();
      show('clear');
    });
    leaving.observe(element.shadowRoot, { childList: true });
  });
  element.addEventListener('reprieve:dismissed', () => show('closed'));
  // Whoever left owes nothing any more; the next status says what this page is about.
  element.addEventListener('reprieve:cancellation', () => (isShown = false));
  element.addEventListener('reprieve:error', () => {
    // An open dialog speaks for itself.
    const isTold = isShown || element.shadowRoot?.querySelector('[data-reprieve-dialog]');
    if (!isTold) show('failed');
  });
  element.setAttribute('position', 'inline');
  if (main.dataset.contact) element.setAttribute('contact-url', main.dataset.contact);
  place.replaceChildren(element);
  showWithdrawal(token);
};

/** Where the law lets the customer take a young contract back, there is a button for it. */
const showWithdrawal = async (token) => {
  const button = main.querySelector('[data-reprieve="withdraw"]');
  try {
    const answer = await fetch('/v1/subscriptions', {
      headers: { authorization: 'Bearer ' + token },
      cache: 'no-store',
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const { subscriptions } = await answer.json();
    const young = subscriptions.find((it) => it.withdraw_until_ms);
    if (young) button.dataset.subscription = young.id;
    button.hidden = !young;
  } catch {
    // Without an answer nothing is known of such a right; /withdraw is there for everybody.
  }
};

const proceed = async () => {
  main.setAttribute('aria-busy', 'true');
  try {
    const session = await exchange();
    if (session.mode === 'provider') return location.assign(session.url);
    // On this page the notice is what somebody came for.
    forgetDismissals();
    startWidget(session.token);
  } catch (view) {
    show(view === 'gone' ? view : 'failed');
  } finally {
    main.removeAttribute('aria-busy');
  }
};

// Whoever wants to leave, or to end a pause, need not look at the payment first.
const openWay = async (way) => {
  if (main.hasAttribute('aria-busy')) return;
  if (!element) await proceed();
  await customElements.whenDefined('reprieve-widget');
  element?.open(way);
};

if (main.dataset.link === 'yes') {
  for (const button of main.querySelectorAll('[data-proceed]')) {
    button.addEventListener('click', () => main.hasAttribute('aria-busy') || proceed());
  }
  for (const way of ['cancel', 'manage']) {
    main.querySelector(`[data-${way}]`).addEventListener('click', () => openWay(way));
  }
  // A reload, or the way back from a bank's page: this tab has continued before.
  if (recall().isOpen) proceed();
}
