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

  // For what knows no signals.
  const inTime = (promise) =>
    Promise.race([promise, new Promise((_, reject) => (limit().onabort = reject))]);

  const request = async (method, path, body, isAgain) => {
    try {
      token ||= element.getToken
        ? await inTime(element.getToken())
        : (
            await (
              // From the page's own address: its `<base>` may lead to another server.
              await fetch(new URL(element.getAttribute('token-url'), location), {
                method: 'POST',
                signal: limit(),
              })
            ).json()
          ).token;
      const response = await fetch(origin + path, {
        method,
        body,
        headers: {
          authorization: 'Bearer ' + token,
          'accept-language': mannerOf(element),
          // Not the zone's name: the first thing that a page asks of `Intl` costs a phone 100 ms.
          'time-zone': new Date().getTimezoneOffset(),
        },
        signal: limit(),
      });
      if (response.status === 401 && !isAgain) {
        token = 0;
        return request(method, path, body, true);
      }
      return { status: response.status, headers: response.headers, body: await response.json() };
    } catch {
      return { status: token || !navigator.onLine ? 0 : 401 };
    }
  };

  return { request, limit, inTime };
};
