// The provider's script, the only one that the widget adds to a page, and the look of its fields.
// The script's address comes from the Worker, over a connection that the page's policy allows.

/** Over http only on the machine itself, for the sandbox. */
const LOCAL = /^(127\.0\.0\.1|localhost)$/;

const check = (url) => {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || LOCAL.test(hostname)) return url;
  throw new TypeError('not an address for a script');
};

let policy;

/** Resolves when the script has run. What runs needs no element: nothing of ours stays behind. */
export const addScript = (url) =>
  new Promise((resolve, reject) => {
    // For pages with `require-trusted-types-for 'script'`; a name can be taken once.
    const { trustedTypes = { createPolicy: (_, rules) => rules } } = globalThis;
    policy ||= trustedTypes.createPolicy('reprieve', { createScriptURL: check });
    const script = document.createElement('script');
    script.src = policy.createScriptURL(url);
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
    script.remove();
  });

// What each group of the provider's fields looks like.
const worn = new WeakMap();

/**
 * Hands `appearance` to the provider's fields, if it is another one than before. Its `update` gives
 * a promise (https://docs.stripe.com/changelog/dahlia/2026-03-25/elements-update-returns-promise):
 * fields in the old colours are better than an error on somebody's page.
 */
export const wear = async (elements, appearance) => {
  const look = JSON.stringify(appearance);
  if (worn.get(elements) === look) return;
  worn.set(elements, look);
  try {
    await elements.update({ appearance });
  } catch {}
};
