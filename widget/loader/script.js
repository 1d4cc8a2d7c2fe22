// The provider's script, the only one that the widget adds to a page. Its address comes from the
// Worker, over a connection that the page's policy allows.

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
