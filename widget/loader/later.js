// What the loader fetches only when it is needed, so that nobody else pays for it.

export { open } from './cancel.js';
export { showFallback } from './fallback.js';
