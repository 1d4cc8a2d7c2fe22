/** The main road: a declined renewal, a new card, a paid invoice. Screen and ledger must agree. */
import { CARDS } from "./lib/widget.ts";
import { CORS } from "./lib/views.ts";
import { expect, test } from "./lib/world.ts";

test("an expired card is replaced and the open invoice is paid", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  await world.expectUnpaid(declined);

  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  await expect(widget.part("banner")).toContainText("€19");
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");

  const charge = await world.expectPaidOnce(declined);
  const subscription = await world.sandbox.get(`subscriptions/${declined.subscription}`);
  expect(subscription.status).toBe("active");
  expect(subscription.default_payment_method).toBe(charge.payment_method);
  const customer = await world.sandbox.get(`customers/${declined.customer}`);
  expect(customer.invoice_settings.default_payment_method).toBe(charge.payment_method);
  const card = await world.sandbox.get(`payment_methods/${charge.payment_method}`);
  expect(card.card.last4).toBe("4242");

  const status = await world.edge.status(declined.customer);
  expect(status).toMatchObject({ state: "recovered", access: "full", amount_due: null });
  const recovered = (await widget.events()).filter(({ name }) => name === "recovered");
  expect(recovered).toHaveLength(1);
  expect(recovered[0]!.detail).toMatchObject({ amount_minor: 1900, currency: "eur" });
});

test("the new card becomes the default of every subscription", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const { customer } = declined;
  const spare = await world.sandbox.post("payment_methods/pm_card_visa/attach", { customer });
  const product = await world.sandbox.post("products", { name: "Extra seats" });
  const price = await world.sandbox.post("prices", {
    product: product.id,
    unit_amount: "500",
    currency: "eur",
    "recurring[interval]": "month",
  });
  const second = await world.sandbox.post("subscriptions", {
    customer,
    "items[0][price]": price.id,
    default_payment_method: spare.id,
  });
  expect(second.status).toBe("active");

  const widget = await world.openHost(customer);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");

  const charge = await world.expectPaidOnce(declined);
  const all = await world.sandbox.get(`subscriptions?customer=${customer}`);
  expect(all.data).toHaveLength(2);
  for (const subscription of all.data) {
    expect(subscription.default_payment_method).toBe(charge.payment_method);
  }
  const latest = await world.sandbox.ledger(customer);
  const extra = latest.filter(({ payment_method }) => payment_method === spare.id);
  expect(extra, "the second subscription is charged once, when it began").toHaveLength(1);
});

test("the game page recovers with the element in its own skin", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await world.openHost(declined.customer, { path: "/game" });
  await widget.openPanel();
  await expect(widget.page.locator(".hud-pause"), "the game makes room").toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  await expect(widget.page.locator(".hud-pause"), "the game goes on").toHaveAttribute(
    "aria-pressed",
    "false",
  );
});

test("after recovery a reload shows nothing", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await world.openHost(declined.customer);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");

  const answered = widget.page.waitForResponse((answer) => answer.url().endsWith("/v1/status"));
  await widget.page.reload();
  expect(await (await answered).json()).toMatchObject({ state: "recovered" });
  await widget.expectNothing();
  await world.expectPaidOnce(declined);
});

for (const lang of ["de", "ar", "ja"] as const) {
  test(`a customer recovers in ${lang}`, async ({ world }) => {
    const declined = await world.newDeclinedCustomer({ card: "0069" });
    const widget = await world.openHost(declined.customer, { lang });
    await widget.expectScreen("banner");
    await expect(widget.root).toHaveAttribute("dir", lang === "ar" ? "rtl" : "ltr");
    await widget.payWith(CARDS.works);
    await widget.expectScreen("recovered");
    await world.expectPaidOnce(declined);
  });
}

test("too many requests: the button waits as long as the server wants", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  world.expectConsole(/status of 429/);
  const widget = await world.openHost(declined.customer);
  let asked = 0;
  await widget.page.route("**/v1/payment-methods", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    asked += 1;
    const headers = { ...CORS, "access-control-expose-headers": "retry-after", "retry-after": "4" };
    const error = { code: "rate_limited", message: "Made by a test.", request_id: "req_1" };
    await route.fulfill({ status: 429, headers, json: { error } });
  });
  await widget.expectScreen("banner");
  await widget.primary.click();
  await widget.expectScreen("error");
  await expect(widget.primary).toHaveAttribute("aria-disabled", "true");
  await widget.primary.click({ force: true });
  await widget.page.unroute("**/v1/payment-methods");
  await expect(widget.primary).toHaveAttribute("aria-disabled", "false");
  expect(asked).toBe(1);
  await widget.primary.click();
  await widget.expectScreen("update");
  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});
