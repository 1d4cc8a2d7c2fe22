// What the loader fetches only when somebody wants to leave.

export { open } from './cancel.js';
