/** Customer tokens: the widget renews them quietly, and says so plainly when it cannot. */
import type { Page } from "@playwright/test";
import { CARDS } from "./lib/widget.ts";
import { expect, test } from "./lib/world.ts";

const TOKEN_ROUTE = "**/api/reprieve-token*";

/** Chromium itself reports every 401 on the console. */
const UNAUTHORIZED = /status of 401/;

async function answerTokens(page: Page, token: string, times?: number): Promise<void> {
  const answer = (route: import("@playwright/test").Route) => route.fulfill({ json: { token } });
  await page.route(TOKEN_ROUTE, answer, times === undefined ? {} : { times });
}

test("an expired token is renewed without a word", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(UNAUTHORIZED);
  const page = await world.newPage();
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/reprieve-token")) asked += 1;
  });
  await answerTokens(page, world.edge.expiredToken(declined.customer), 1);

  const widget = await world.openHost(declined.customer, { page });
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  expect(asked).toBe(2);
  expect(await widget.eventNames()).not.toContain("error");
  await world.expectPaidOnce(declined);
});

test("a token that expires under the customer's hands is renewed", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(UNAUTHORIZED);
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);

  const stale = `Bearer ${world.edge.expiredToken(declined.customer)}`;
  await widget.page.route(
    "**/complete",
    (route) => route.continue({ headers: { ...route.request().headers(), authorization: stale } }),
    { times: 1 },
  );
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("a session that cannot be renewed has its own screen", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(UNAUTHORIZED);
  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");

  const stale = world.edge.expiredToken(declined.customer);
  await answerTokens(widget.page, stale);
  await widget.page.route("**/v1/payment-methods*", (route) => {
    const headers = { ...route.request().headers(), authorization: `Bearer ${stale}` };
    return route.continue({ headers });
  });
  await widget.primary.click();
  await widget.expectScreen("session_expired");
  const errors = (await widget.events()).filter(({ name }) => name === "error");
  expect(errors.map(({ detail }) => detail.code)).toContain("token_expired");
  await world.expectUnpaid(declined);

  const codes = ["token_missing", "token_invalid", "token_expired"];
  const tokens = [null, world.edge.token(declined.customer, { key: "x".repeat(32) }), stale];
  for (const [at, token] of tokens.entries()) {
    const answer = await world.edge.call(declined.customer, "/v1/status", { token });
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ error: { status: 401, code: codes[at] } });
  }
});

test("a host that gives no token leaves the page alone", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(/status of 500/);
  const page = await world.newPage();
  await page.route(TOKEN_ROUTE, (route) => route.fulfill({ status: 500, body: "out of order" }));
  const widget = await world.openHost(declined.customer, { page });
  await expect.poll(() => widget.eventNames()).toContain("error");
  await widget.expectNothing();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await world.expectUnpaid(declined);
});
