// What the loader fetches only when it is needed, so that nobody else pays for it.

export { run } from './calls.js';
export { pin } from './pins.js';
