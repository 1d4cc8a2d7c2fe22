/** The browser-facing API refuses what it must, with codes that a client can act on. */
import { expect, test } from "./lib/world.ts";
import type { ErrorBody } from "./lib/types.ts";

const CALLS_MAX = 300;
const AT_ONCE = 20;

test("an unknown origin is refused with 403", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const origins = ["https://evil.example", `${world.info.host}.evil.example`, "null"];
  for (const origin of origins) {
    const answer = await world.edge.call<ErrorBody>(declined.customer, "/v1/status", { origin });
    expect(answer.status, origin).toBe(403);
    expect(answer.body.error).toMatchObject({ status: 403, code: "origin_not_allowed" });
    expect(answer.headers.get("access-control-allow-origin"), origin).toBeNull();
  }
});

test("another site's page cannot read an answer", async ({ world, page }) => {
  const declined = await world.newDeclinedCustomer();
  const token = world.edge.token(declined.customer);
  await page.goto(`${world.info.sandbox}/`); // A real page of an origin that is not allowed.
  const outcome = await page.evaluate(
    ([url, bearer]) =>
      fetch(url!, { headers: { authorization: `Bearer ${bearer}` } }).then(
        (answer) => `read ${answer.status}`,
        () => "blocked",
      ),
    [`${world.info.edge}/v1/status`, token],
  );
  expect(outcome).toBe("blocked");
});

test("another customer's card set-up is 404, whoever asks", async ({ world }) => {
  const owner = await world.newDeclinedCustomer();
  const thief = await world.newDeclinedCustomer();
  const begun = await world.edge.call<{ id: string }>(owner.customer, "/v1/payment-methods", {
    method: "POST",
  });
  expect(begun.status).toBe(201);
  expect(begun.body.id).toMatch(/^seti_/);

  const path = `/v1/payment-methods/${begun.body.id}/complete`;
  const stolen = await world.edge.call<ErrorBody>(thief.customer, path, { method: "POST" });
  expect(stolen.status).toBe(404);
  expect(stolen.body.error.code).toBe("not_found");
  const unknown = await world.edge.call<ErrorBody>(
    thief.customer,
    "/v1/payment-methods/seti_unknown/complete",
    { method: "POST" },
  );
  expect(unknown.status).toBe(404);
  const early = await world.edge.call<ErrorBody>(owner.customer, path, { method: "POST" });
  expect(early.status, "a set-up without a card cannot be completed").toBe(409);
  expect(early.body.error.code).toBe("wrong_state");
  await world.expectUnpaid(owner);
  await world.expectUnpaid(thief);
});

test("unknown paths and methods have their codes", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const missing = await world.edge.call<ErrorBody>(declined.customer, "/v1/nothing");
  expect(missing.status).toBe(404);
  expect(missing.body.error.code).toBe("not_found");
  const method = await world.edge.call<ErrorBody>(declined.customer, "/v1/retries");
  expect(method.status).toBe(405);
  expect(method.body.error.code).toBe("method_not_allowed");
});

test("too many calls of one customer are 429 with Retry-After", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const neighbour = await world.newDeclinedCustomer();
  const call = () => world.edge.call<ErrorBody>(declined.customer, "/v1/status");
  let limited;
  for (let calls = 0; calls < CALLS_MAX && limited === undefined; calls += AT_ONCE) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE }, call));
    limited = answers.find(({ status }) => status !== 200);
  }
  expect(limited?.status).toBe(429);
  expect(limited!.body.error.code).toBe("rate_limited");
  expect(Number(limited!.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect((await world.edge.status(neighbour.customer)).state, "others are served").toBe(
    "action_needed",
  );
});
