// From a sofa nobody types a card number. The panel on a television set shows the way to a phone: a
// link to the hosted page, as a QR code. The link is a secret of this screen: it is drawn, and
// stands nowhere else. It opens no more than the page's own token does, in one browser.

/*! QR codes by uqr, under the MIT licence: © Project Nayuki, © 2023 Anthony Fu
 *  (https://github.com/unjs/uqr/blob/main/LICENSE) */
import { encode } from 'uqr';
import { origin } from './here.js';

export { pin } from './pins.js';

/** How long a code is shown: a minute less than its link lives (`OWN_LINK_S` in the Worker). */
const SHOWN_MS = 14 * 60_000;
/** How often the status is read meanwhile, to see what came of it. */
const POLL_MS = 8_000;

/** What a camera needs around the code, in modules (ISO/IEC 18004). */
const QUIET = 4;
const SVG = 'http://www.w3.org/2000/svg';

// The layout is one and a half times as large (`notice.css`): the code takes two fifths of the
// height, which cameras read from ten feet.
const STYLE = `
  .phone { display: flex; gap: 20px; align-items: center; }
  .phone svg {
    flex: none; inline-size: max(180px, 26vh); block-size: auto; border-radius: 8px;
    forced-color-adjust: none;
  }
  .phone p { min-inline-size: 0; font-weight: 600; }
  .phone:not(:has(path)) { visibility: hidden; }`;

const make = (name, attributes) => {
  const node = document.createElementNS(SVG, name);
  for (const key of Object.keys(attributes)) node.setAttribute(key, attributes[key]);
  return node;
};

/** Dark on white whatever the colours around it, because that is what cameras know. */
const draw = (url, label) => {
  // Nothing covers or soils a screen: the lowest level of correction has the largest modules.
  const { data, size } = encode(url, { ecc: 'L', border: QUIET });
  const dark = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  const svg = make('svg', {
    viewBox: `0 0 ${size} ${size}`,
    role: 'img',
    'aria-label': label,
    'shape-rendering': 'crispEdges',
  });
  svg.append(
    make('rect', { width: size, height: size, fill: '#fff' }),
    make('path', { d: dark, fill: '#000' }),
  );
  return svg;
};

/** What of a status the form is about. */
const aboutOf = ({ state, card_news: news }) => state + !news;

/** Shows a code in every form for a card of this stay. */
export const offer = (stay) => {
  const { gone, request, root, texts } = stay;
  // The hosted page is where the code would lead to; it gets no links.
  if (gone.aborted || !texts || origin === location.origin) return;

  let ends = 0;
  let url;
  const getUrl = async () => {
    if (Date.now() < ends) return url;
    const { status, body } = await request('POST', '/v1/page', '{}');
    if (status !== 201) return;
    ends = Date.now() + SHOWN_MS;
    return (url = body.url);
  };

  /** Reads the status while the code is there, and tells the form when the phone was used. */
  const watch = (box) => {
    let isAsking;
    const look = async () => {
      if (!box.isConnected || Date.now() > ends) return stop();
      if (isAsking || document.hidden) return;
      isAsking = true;
      const { status, body } = await request('GET', '/v1/status');
      isAsking = false;
      if (status !== 200 || aboutOf(body) === aboutOf(stay.status) || !box.isConnected) return;
      stop();
      // Heard by the Wasm.
      root.dispatchEvent(new Event('look'));
    };
    const timer = setInterval(look, POLL_MS);
    const stop = () => {
      clearInterval(timer);
      gone.removeEventListener('abort', stop);
      box.remove();
    };
    gone.addEventListener('abort', stop);
  };

  // Forms that have or had one: what goes does not come again in the same form.
  const seen = new WeakSet();
  const place = async () => {
    const bill = root.dataset.screen === 'update' && root.querySelector('.panel .bill');
    if (!bill || seen.has(bill)) return;
    seen.add(bill);
    const box = document.createElement('div');
    box.className = 'phone';
    // It has its place before it can be seen.
    box.append(make('svg', { viewBox: '0 0 1 1' }), document.createElement('p'));
    box.lastChild.textContent = texts['phone.lead'];
    bill.after(box);
    const link = await getUrl();
    if (!link || !box.isConnected) return box.remove();
    box.firstChild.replaceWith(draw(link, texts['phone.code']));
    watch(box);
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  const shadow = root.getRootNode();
  shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  const observer = new MutationObserver(place);
  observer.observe(root, { subtree: true, childList: true, attributeFilter: ['data-screen'] });
  gone.addEventListener('abort', () => observer.disconnect());
  place();
};
