// A question or a complaint, for a person (`POST /v1/complaints`), from every screen. There is no
// Wasm in it: where that does not run, people need a person most.

export { pin } from './pins.js';

const CATEGORIES = ['charge', 'cancellation', 'card', 'access', 'other'];
// At three bytes each, as the longest letters of a UTF-16 unit have, it fits into the 4,000 bytes
// that the server keeps.
const TEXT_UNITS_MAX = 1_300;

// What was written and has not arrived for all we know: `text`, `category`, and of what was sent
// last the `content` and its `key`. Closing the dialog loses nothing, and sends nothing twice. Kept
// for one stay of the element: after a `refresh()` somebody else may be signed in.
const drafts = new WeakMap();

const drawKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');

const problemOf = (status) => {
  if (status === 401) return 'problem.session';
  if (status === 429) return 'problem.busy';
  return status || navigator.onLine ? 'problem.error' : 'problem.offline';
};

/**
 * `about`: what `data-about` of the button says it is about. `stages`: what opens a dialog,
 * from the one module of that name. True when it is open.
 */
export const ask = async (element, { about = 'other', cancellation }, stages) => {
  const { isOnStage, openStage } = stages;
  if (isOnStage(element, 'question')) return true;
  const { stay } = element;
  const draft = drafts.get(stay) || {};
  drafts.set(stay, draft);
  const stage = await openStage(element, 'question', []);
  if (!stage) return false;
  const { root, texts, contact, request, emit, leave } = stage;

  const add = (parent, tag, attributes, text) => {
    const node = parent.appendChild(document.createElement(tag));
    for (const name of Object.keys(attributes)) node.setAttribute(name, attributes[name]);
    if (text) node.textContent = texts[text] || text;
    return node;
  };
  const dialog = add(root, 'dialog', {
    class: 'panel way', part: 'panel', 'aria-labelledby': 'title',
  });
  const form = add(dialog, 'form', {});
  const page = add(form, 'div', { class: 'form' });
  const header = add(page, 'header', {});
  const title = add(header, 'h2', {
    class: 'title', part: 'title', id: 'title', tabindex: '-1',
  }, 'question.title');
  const label = texts['action.close'];
  const cross = add(header, 'button', {
    type: 'button', class: 'cross', part: 'dismiss', title: label, 'aria-label': label,
  });
  add(cross, 'span', { class: 'icon', 'data-icon': 'cross', 'aria-hidden': 'true' });
  cross.onclick = () => leave();
  add(page, 'p', { class: 'message' }, 'question.lead');

  const field = (name) => {
    const around = add(page, 'label', { class: 'area' });
    add(around, 'span', {}, name);
    return around;
  };
  const category = add(field('question.about'), 'select', {});
  for (const value of CATEGORIES) add(category, 'option', { value }, 'question.about.' + value);
  category.value = draft.category || (CATEGORIES.includes(about) ? about : 'other');
  category.onchange = () => (draft.category = category.value);
  const area = add(field('question.text'), 'textarea', {
    rows: 5, maxlength: TEXT_UNITS_MAX, 'aria-describedby': 'limit',
  });
  area.value = draft.text || '';
  area.oninput = () => (draft.text = area.value);
  add(
    page, 'p', { class: 'hint', id: 'limit' },
    texts['feedback.limit'].replace('{count}', TEXT_UNITS_MAX.toLocaleString(stage.locale)),
  );

  const foot = add(form, 'div', { class: 'foot' });
  const note = add(add(foot, 'div', { class: 'status', role: 'status' }), 'p', {
    class: 'note', part: 'note',
  });
  const ways = add(foot, 'div', { class: 'ways' });
  const send = add(add(ways, 'div', { class: 'choices' }), 'button', {
    class: 'choice', part: 'choice',
  }, 'question.send');
  if (contact) {
    const more = { class: 'link', href: contact, target: '_blank', rel: 'noopener noreferrer' };
    add(ways, 'a', more, 'question.other');
  }
  const say = (key) => (note.textContent = key && texts[key]);

  const submit = async () => {
    if (send.ariaBusy === 'true') return;
    const text = area.value.trim();
    if (!text) {
      say('question.empty');
      return area.focus();
    }
    const message = { category: category.value, text, cancellation };
    const content = JSON.stringify(message);
    // The same message has the same key, however often it has to be sent to arrive.
    if (draft.content !== content) Object.assign(draft, { content, key: drawKey() });
    const body = JSON.stringify({ ...message, key: draft.key });
    send.ariaBusy = 'true';
    say('status.busy');
    const answer = await request('POST', '/v1/complaints', body);
    send.ariaBusy = 'false';
    if (answer.status !== 201) return say(problemOf(answer.status));
    drafts.delete(stay);
    const { id } = answer.body;
    emit('asked', { id });
    root.dataset.screen = 'asked';
    title.textContent = texts['question.sent'];
    page.replaceChildren(header);
    add(page, 'p', { class: 'message' }, texts['question.number'].replace('{id}', id));
    say('');
    send.textContent = texts['action.done'];
    form.onsubmit = (event) => {
      event.preventDefault();
      leave();
    };
    title.focus();
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    submit();
  };

  dialog.onclose = () => leave();
  root.dataset.screen = 'question';
  dialog.showModal();
  title.focus();
  return true;
};
