// Webhook signatures, judged by three verifiers: npm stripe, PyPI stripe, ours. The signers are the
// sandbox (which signs for the tests and the demo) and the SDK.

import assert from "node:assert/strict";
import Stripe from "stripe";
import { reprieve, run, until } from "../lib.mjs";

const TOLERANCE_S = 300;
const OLD = "whsec_old_one";
const NEW = "whsec_new_one";
const BODY = '{"id":"evt_1","object":"event","note":"Ä → ß"}';

const stripe = new Stripe("sk_test_oracle");

/** A header by the SDK's own signer; several secrets give several `v1`. */
function sdkHeader(secrets, seconds, body = BODY, scheme = "v1") {
  const [first, ...more] = secrets.map((secret) =>
    stripe.webhooks.generateTestHeaderString({
      payload: body,
      secret,
      timestamp: seconds,
      scheme,
    }),
  );
  return [first, ...more.map((header) => header.slice(header.indexOf(",") + 1))].join(",");
}

function npmVerdict({ header, body, secrets }) {
  const fits = (secret) => {
    try {
      stripe.webhooks.signature.verifyHeader(body, header, secret, TOLERANCE_S);
      return true;
    } catch (error) {
      assert.ok(error instanceof Stripe.errors.StripeSignatureVerificationError, String(error));
      return false;
    }
  };
  return secrets.some(fits);
}

/** Cases made by hand: what the header is, and what every verifier must say. */
function table(now) {
  const zeros = `v1=${"0".repeat(64)}`;
  const good = sdkHeader([NEW], now);
  const fits = (header, secrets = [NEW], body = BODY) => ({ header, secrets, body, ok: true });
  const fails = (header, secrets = [NEW], body = BODY) => ({ header, secrets, body, ok: false });
  return {
    "one secret": fits(good),
    "rotation: signed with both, the old one known": fits(sdkHeader([OLD, NEW], now), [OLD]),
    "rotation: signed with both, the new one known": fits(sdkHeader([OLD, NEW], now), [NEW]),
    "rotation: signed with the old one, both known": fits(sdkHeader([OLD], now), [OLD, NEW]),
    "a v1 that fits nothing before the one that does": fits(good.replace(",", `,${zeros},`)),
    "a v1 that is no signature before the one that is": fits(good.replace(",", ",v1=zz,")),
    "another scheme beside it": fits(`${good},v0=${"a".repeat(64)}`),
    // The SDKs read the clock themselves, and a busy machine takes its time.
    "almost too old": fits(sdkHeader([NEW], now - TOLERANCE_S + 120)),
    "another scheme only": fails(sdkHeader([NEW], now, BODY, "v0")),
    "another secret": fails(good, [OLD]),
    "another body": fails(good, [NEW], `${BODY} `),
    "another time": fails(good.replace(`t=${now}`, `t=${now - 1}`)),
    "too old": fails(sdkHeader([NEW], now - TOLERANCE_S - 20)),
    "a signature cut short": fails(good.slice(0, -1)),
    "no signature": fails(`t=${now}`),
    "no time": fails(good.slice(good.indexOf(",") + 1)),
    "nothing": fails("x"),
    // The SDKs look at the age only; ours also refuses what is dated ahead of its tolerance.
    "from the future": { ...fits(sdkHeader([NEW], now + TOLERANCE_S + 20)), ours: false },
  };
}

async function judge({ bin, python, directory }, cases, now) {
  const asked = cases.map(({ header, body, secrets }) => ({ header, body, secrets, now_s: now }));
  const ours = await reprieve(bin, "verify", asked);
  const input = asked.map((line) => `${JSON.stringify(line)}\n`).join("");
  const script = new URL("python/verify.py", directory).pathname;
  const text = await run(python, [script], { input });
  const theirs = text.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(ours.length, cases.length);
  assert.equal(theirs.length, cases.length);
  return cases.map((one, at) => ({
    npm: npmVerdict(one),
    pypi: theirs[at].ok,
    ours: ours[at].verdict === "ok",
  }));
}

/** The sandbox's deliveries, while it rotates its secret. */
async function deliveries(box, hook) {
  const set = (body) =>
    fetch(new URL("/_sandbox/webhooks", box.api), { method: "POST", body: JSON.stringify(body) });
  const rotating = await set({ also_sign_with: [OLD] });
  assert.equal(rotating.status, 200, await rotating.text());
  const before = hook.deliveries.length;
  const customers = new URL("/v1/customers", box.api);
  const made = await fetch(customers, {
    method: "POST",
    headers: { Authorization: "Bearer sk_test_oracle" },
    body: new URLSearchParams({ name: "Ä ß →" }),
  });
  assert.equal(made.status, 200);
  await until("an event signed twice", () => hook.deliveries.length > before);
  return hook.deliveries;
}

/** Throws where two verifiers disagree; resolves to the number of headers judged. */
export async function check(context, box, hook) {
  const now = Math.floor(Date.now() / 1000);
  const named = Object.entries(table(now));
  const verdicts = await judge(context, named.map(([, one]) => one), now);
  for (const [at, [name, { ok, ours = ok }]] of named.entries()) {
    assert.deepEqual(verdicts[at], { npm: ok, pypi: ok, ours }, name);
  }
  const delivered = await deliveries(box, hook);
  const rotated = delivered.filter(({ header }) => header.split("v1=").length === 3);
  assert.ok(rotated.length > 0 && delivered.length > rotated.length, "both kinds were sent");
  const cases = [
    ...delivered.map(({ header, body }) => ({ header, body, secrets: [NEW], ok: true })),
    ...rotated.map(({ header, body }) => ({ header, body, secrets: [OLD], ok: true })),
    ...delivered.map(({ header, body }) => ({ header, body, secrets: ["whsec_x"], ok: false })),
  ];
  for (const [at, verdict] of (await judge(context, cases, now)).entries()) {
    const { ok, body } = cases[at];
    assert.deepEqual(verdict, { npm: ok, pypi: ok, ours: ok }, body);
  }
  return named.length + cases.length;
}

/** The secret that the sandbox signs with from the start. */
export const SECRET = NEW;
