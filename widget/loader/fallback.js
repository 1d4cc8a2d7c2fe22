// What a page sees when its policy or its network keeps the Wasm away: the same message as text.

const WITHOUT_TEXTS = 'Your last payment did not go through. Please update your card.';

export const showFallback = (root, texts) => {
  const add = (part, text) => {
    const line = document.createElement('p');
    line.part = part;
    line.textContent = text;
    root.append(line);
  };
  root.dataset.screen = root.part = 'banner';
  add('title', texts?.['banner.title'] || WITHOUT_TEXTS);
  add('message', texts?.['fallback.message']);
};
