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
    const paying = { origin, method: "POST" } as const;
    expect((await world.edge.call(declined.customer, "/v1/retries", paying)).status).toBe(403);
  }
  await world.expectUnpaid(declined);
});

test("a browser's preflight names what an allowed page may do", async ({ world }) => {
  const { host } = world.info;
  const asks = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization",
  };
  const ask = (path: string, origin: string | null) =>
    world.edge.call("cus_1", path, { method: "OPTIONS", origin, token: null, headers: asks });
  const paths = ["/v1/status", "/v1/payment-methods", "/v1/payment-methods/seti_1/complete"];
  for (const path of [...paths, "/v1/retries"]) {
    const allowed = await ask(path, host);
    expect(allowed.status, path).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin"), path).toBe(host);
    expect(allowed.headers.get("access-control-allow-headers"), path).toContain("authorization");
    expect(allowed.headers.get("access-control-allow-methods"), path).toContain("POST");
    expect(allowed.headers.get("access-control-allow-credentials"), path).toBeNull();
    expect(allowed.headers.get("vary"), path).toMatch(/origin/i);
    for (const origin of ["https://evil.example", "null", null]) {
      const refused = await ask(path, origin);
      expect(refused.status, `${path} from ${origin}`).toBe(403);
      expect(refused.headers.get("access-control-allow-origin"), path).toBeNull();
      expect(refused.body).toMatchObject({ error: { code: "origin_not_allowed" } });
    }
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
  await world.expectUnpaid(declined);
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

test("a retry with nothing to retry is 409", async ({ world }) => {
  const customer = await world.sandbox.post("customers", { name: "Ada in good standing" });
  const retry = await world.edge.call<ErrorBody>(customer.id, "/v1/retries", { method: "POST" });
  expect(retry.status).toBe(409);
  expect(retry.body.error.code).toBe("wrong_state");
  expect(await world.sandbox.ledger(customer.id)).toEqual([]);
});

test("unknown paths are 404, and each answer names its request", async ({ world }) => {
  const paths = ["/", "/v1", "/v1/", "/v1/nothing", "/v1/status/more", "/V1/status", "/v2/status"];
  const requests = new Set<string>();
  for (const path of paths) {
    const answer = await world.edge.call<ErrorBody>("cus_1", path);
    expect(answer.status, path).toBe(404);
    expect(answer.body.error.code, path).toBe("not_found");
    requests.add(answer.body.error.request_id);
  }
  expect(requests.size, "every request has an id of its own").toBe(paths.length);
});

test("a known path with another method is 405", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const wrong = [
    ["POST", "/v1/status"],
    ["DELETE", "/v1/status"],
    ["GET", "/v1/payment-methods"],
    ["PUT", "/v1/payment-methods"],
    ["GET", "/v1/payment-methods/seti_1/complete"],
    ["GET", "/v1/retries"],
    ["GET", "/v1/webhooks/stripe"],
    ["POST", "/healthz"],
  ] as const;
  for (const [method, path] of wrong) {
    const answer = await world.edge.call<ErrorBody>(declined.customer, path, { method });
    expect(answer.status, `${method} ${path}`).toBe(405);
    expect(answer.body.error.code, `${method} ${path}`).toBe("method_not_allowed");
  }
  await world.expectUnpaid(declined);
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
  await world.expectUnpaid(declined);
  await world.expectUnpaid(neighbour);
});
