/**
 * A customer writes to a person: with their own token, from every screen about leaving too, and the
 * merchant's server gets it once. It stands in nobody's way.
 */
import { Links } from "./lib/links.ts";
import type { ErrorBody } from "./lib/types.ts";
import { expect, test, type World } from "./lib/world.ts";

interface Receipt {
  id: string;
  received_at_ms: number;
}

interface Notice {
  kind: string;
  customer: string;
  content: Record<string, unknown>;
}

const QUEUE_TIMEOUT_MS = 60_000;
const COMPLAINTS_AT_ONCE = 5;
const message = { key: "drawn-once", category: "cancellation", text: " Where is my receipt? " };

async function newCustomer(world: World): Promise<string> {
  return (await world.sandbox.post("customers", { name: "Ada who asks" })).id;
}

function complain(world: World, customer: string, body: unknown, more = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const post = { method: "POST" as const, body: text, ...more };
  return world.edge.call<Receipt & ErrorBody>(customer, "/v1/complaints", post);
}

/** What the merchant's server is handed of this customer. */
async function handedOver(world: World, customer: string): Promise<Notice[]> {
  const headers = { authorization: `Bearer ${world.info.merchant_key}` };
  const answer = await new Links(world.info).send("/v1/notices", { headers });
  const { notices } = (await answer.json()) as { notices: Notice[] };
  return notices.filter((notice) => notice.customer === customer);
}

test("what a customer writes is handed to a person once, under a number", async ({ world }) => {
  const customer = await newCustomer(world);
  const sent = { ...message, invoice: "in_1", cancellation: "ccl_1", more: "of tomorrow" };
  const first = await complain(world, customer, sent);
  expect(first.status).toBe(201);
  expect(first.body.id).toMatch(/^cpl_[0-9a-f]{16}$/);
  const again = await complain(world, customer, sent);
  expect([again.status, again.body]).toEqual([201, first.body]);
  const list = () => handedOver(world, customer);
  const content = {
    complaint: first.body.id,
    category: "cancellation",
    text: "Where is my receipt?",
    invoice: "in_1",
    cancellation: "ccl_1",
  };
  const once = [expect.objectContaining({ kind: "complaint", customer, content })];
  await expect.poll(list, { timeout: QUEUE_TIMEOUT_MS }).toEqual(once);
});

test("what is refused is refused with its code", async ({ world }) => {
  const customer = await newCustomer(world);
  const code = async (body: unknown, more = {}) => {
    const answer = await complain(world, customer, body, more);
    return [answer.status, answer.body.error?.code];
  };
  expect(await code(message, { token: null })).toEqual([401, "token_missing"]);
  const merchant = { token: world.info.merchant_key };
  expect(await code(message, merchant), "nobody writes for a customer").toEqual([
    401,
    "token_invalid",
  ]);
  expect(await code(message, { origin: "https://evil.example" })).toEqual([
    403,
    "origin_not_allowed",
  ]);
  expect(await code({ ...message, text: "x".repeat(17 * 1024) })).toEqual([413, "body_too_large"]);
  expect(await code("[")).toEqual([400, "malformed"]);
  const odd = [{ text: " " }, { key: "short" }, { category: "love" }, { invoice: "../etc" }];
  for (const wrong of odd.slice(0, COMPLAINTS_AT_ONCE - 1)) {
    expect(await code({ ...message, ...wrong }), JSON.stringify(wrong)).toEqual([400, "malformed"]);
  }
  expect(await handedOver(world, customer)).toEqual([]);
});

test("too many at once wait, and nobody who leaves waits for them", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  for (let number = 0; number < COMPLAINTS_AT_ONCE; number += 1) {
    const answer = await complain(world, customer, { ...message, key: `message-${number}` });
    expect(answer.status).toBe(201);
  }
  const late = await complain(world, customer, { ...message, key: "message-late" });
  expect([late.status, late.body.error.code]).toEqual([429, "rate_limited"]);
  expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
  const post = { method: "POST" as const };
  const begun = await world.edge.call<{ id: string }>(customer, "/v1/cancellations", post);
  const confirm = `/v1/cancellations/${begun.body.id}/confirm`;
  expect((await world.edge.call(customer, confirm, post)).status).toBe(200);
  await world.expectNothingPaid(declined);
});
