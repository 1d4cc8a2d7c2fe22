// Talks to the edge for the loader and, later, for the Wasm: one place knows the token.

import { mannerOf } from './locale.js';

// Long enough for a charge at a slow bank. What takes longer is not given up: the Wasm asks for
// the outcome again.
const LIMIT_MS = 20_000;

/**
 * `request(method, path, body)` resolves to `{ status, headers, body }` and never rejects; the
 * body that is sent is a text, the one that comes back is parsed.
 * Status 0 means that no answer arrived. A 401 makes it fetch one fresh token and try once more;
 * a 401 without a body means that the host gave no token.
 */
export const createClient = (element, origin, gone) => {
  let token;

  // Every wait ends: by its limit, or because the element left the page.
  const limit = () => AbortSignal.any([gone, AbortSignal.timeout(LIMIT_MS)]);

  const fetchToken = async () => {
    if (element.getToken) return inTime(element.getToken());
    // From the page's own address: its `<base>` may lead to another server.
    const url = new URL(element.getAttribute('token-url'), location);
    const response = await fetch(url, { method: 'POST', signal: limit() });
    return (await response.json()).token;
  };

  const request = async (method, path, body) => {
    for (let fresh; ; fresh = 1) {
      try {
        token ||= await fetchToken();
      } catch {
        return { status: navigator.onLine ? 401 : 0 };
      }
      try {
        const response = await fetch(origin + path, {
          method,
          body,
          headers: {
            authorization: 'Bearer ' + token,
            'accept-language': mannerOf(element),
            'time-zone': Intl.DateTimeFormat().resolvedOptions().timeZone,
          },
          signal: limit(),
          cache: 'no-store',
        });
        const { status, headers } = response;
        if (status === 401 && !fresh) {
          token = 0;
          continue;
        }
        return { status, headers, body: await response.json() };
      } catch {
        return { status: 0 };
      }
    }
  };

  // For what knows no signals.
  const inTime = (promise) =>
    Promise.race([promise, new Promise((_, reject) => (limit().onabort = reject))]);

  return { request, limit, inTime };
};
