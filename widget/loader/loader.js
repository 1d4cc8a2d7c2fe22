// The one script a host page includes. Its size is its first design goal: a customer in good
// standing downloads this file, makes one request, and nothing more. It asks for the status and
// fetches the rest (Wasm, style, one locale) only when there is something to show.
//
// It touches no global but the registry of custom elements, stores no token, and writes text with
// `textContent` only, so it runs under a strict content security policy.

import { createFromScript, defineElement } from './element.js';

const script = document.currentScript;

// Without its own address the loader cannot know the API; that happens only when it is inlined.
if (script?.src) {
  const origin = new URL(script.src).origin;
  defineElement(origin);
  createFromScript(script);
}
