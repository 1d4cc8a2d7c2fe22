/**
 * Mints the customer token that the Reprieve widget carries (JWT, HS256, valid for ten minutes).
 *
 * Call it on your server, for the customer who is signed in there, and for nobody else: whoever
 * holds the token may see what that customer owes and replace their card.
 */
import { createHmac } from "node:crypto";

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * @param {{customer: string, merchant: string, origin: string, key: string, nowS?: number}} claims
 *   `customer` is the provider's id (`cus_…`), `origin` that of the page (`https://app.example`),
 *   `key` the shared secret of at least 32 bytes, `nowS` the time in seconds.
 * @returns {string} the token
 */
export function mintToken({ customer, merchant, origin, key, nowS = Date.now() / 1000 }) {
  const iat = Math.floor(nowS);
  const claims = { sub: customer, aud: merchant, origin, iat, exp: iat + 600 };
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}
