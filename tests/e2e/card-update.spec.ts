/**
 * One card update for everything that the customer has: all defaults change, all that is open is
 * paid once, and what the provider interrupts is finished without the customer.
 */
import { block, BLOCKED } from "./lib/network.ts";
import type { Fault } from "./lib/sandbox.ts";
import { CARDS } from "./lib/widget.ts";
import { expect, test, type World } from "./lib/world.ts";

/** An update that was interrupted is taken up again after 30 seconds, an attempt after 45. */
const JANITOR_TIMEOUT_MS = 100_000;
/** As often as one call is tried. */
const TRIES = 3;

async function threeCards(world: World) {
  const declined = await world.newDeclinedCustomer({
    card: "0069",
    subscriptions: 3,
    own_cards: true,
  });
  expect(new Set(declined.payment_methods).size).toBe(3);
  return declined;
}

async function cardOf(world: World, method: string): Promise<string> {
  return (await world.sandbox.get(`payment_methods/${method}`)).card.last4;
}

test("three subscriptions, three defaults: one update pays and changes all", async ({ world }) => {
  const declined = await threeCards(world);
  const defaults = new Set<string>();
  for (const id of declined.subscriptions) {
    defaults.add((await world.sandbox.get(`subscriptions/${id}`)).default_payment_method);
  }
  expect(defaults, "each had its own").toEqual(new Set(declined.payment_methods));

  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await expect(widget.primary).toHaveText("Save card and pay €57.00");
  await widget.fillCard(CARDS.works);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await expect(widget.part("message").last()).toContainText("€57.00");

  const charges = await world.expectAllPaidOnce(declined);
  expect(new Set(charges.map(({ payment_method }) => payment_method)).size).toBe(1);
  const [{ payment_method }] = charges as [(typeof charges)[number]];
  expect(await cardOf(world, payment_method)).toBe("4242");
  await world.expectDefault(declined, payment_method);
  for (const id of declined.subscriptions) {
    expect((await world.sandbox.get(`subscriptions/${id}`)).status).toBe("active");
  }
});

test("three subscriptions, and the bank asks for the new card at each payment", async ({
  world,
}) => {
  const declined = await threeCards(world);
  const widget = await world.openHost(declined.customer);
  await widget.payWith(CARDS.asksAlways);
  // Once for the card, and once for each invoice.
  for (let asked = 0; asked < 4; asked += 1) await widget.answerBank("complete");
  await widget.expectScreen("recovered");
  const [charge] = await world.expectAllPaidOnce(declined);
  await world.expectDefault(declined, charge!.payment_method);
});

/** Where the provider is down while the update runs, and for how many requests. */
interface Outage {
  what: string;
  times: number;
  method: Fault["method"];
  mode: Fault["mode"];
  path: (declined: { customer: string; subscriptions: string[]; invoices: string[] }) => string;
}

const OUTAGES: Outage[] = [
  {
    what: "while the customer's default is set",
    times: TRIES,
    method: "POST",
    mode: "error_before",
    path: ({ customer }) => `/v1/customers/${customer}`,
  },
  {
    what: "while the second subscription's default is set",
    times: TRIES,
    method: "POST",
    mode: "bad_gateway",
    path: ({ subscriptions }) => `/v1/subscriptions/${subscriptions[1]}`,
  },
  {
    what: "before the second invoice is charged",
    times: 1,
    method: "POST",
    mode: "error_before",
    path: ({ invoices }) => `/v1/invoices/${invoices[1]}/pay`,
  },
  {
    what: "after the second invoice is charged",
    times: TRIES,
    method: "POST",
    mode: "error_after",
    path: ({ invoices }) => `/v1/invoices/${invoices[1]}/pay`,
  },
];

async function payThroughOutage(world: World, { path, ...fault }: Outage) {
  const declined = await threeCards(world);
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  const { method, mode, times } = fault;
  await world.sandbox.fault({ method, mode, times, path_prefix: path(declined), ms: 0 });
  await widget.primary.click();
  return { declined, widget };
}

// Each outage has a customer of its own. They
// suffer at once, and their waits pass together.
test("the provider is down at any place of an update: said, and finished later", async ({
  world,
}) => {
  test.setTimeout(3 * JANITOR_TIMEOUT_MS);
  const updates = [];
  for (const outage of OUTAGES) {
    for (const stays of [true, false]) {
      const update = await payThroughOutage(world, outage);
      await update.widget.expectScreen("pending");
      await expect(update.widget.part("message").last()).not.toBeEmpty();
      if (!stays) await update.widget.page.close();
      updates.push({ ...update, stays, what: outage.what });
    }
  }
  for (const { declined, widget, stays, what } of updates) {
    await test.step(`${what}, ${stays ? "on the page" : "page closed"}`, async () => {
      await world.expectState(declined.customer, "recovered", JANITOR_TIMEOUT_MS);
      const [charge] = await world.expectAllPaidOnce(declined);
      expect(await cardOf(world, charge!.payment_method)).toBe("4242");
      await world.expectDefault(declined, charge!.payment_method);
      if (!stays) return;
      // The widget asks for a minute; after that it looks when the customer comes back to the page.
      await widget.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
      await widget.expectScreen("recovered");
    });
  }
});

test("the provider does not say whether the card is saved: named, and tried again", async ({
  world,
}) => {
  const declined = await threeCards(world);
  const widget = await world.openHost(declined.customer);
  const made = widget.page.waitForResponse((it) => it.url().endsWith("/v1/payment-methods"));
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  const { id } = await (await made).json();
  const down = { method: "GET", path_prefix: `/v1/setup_intents/${id}`, times: TRIES } as const;
  await world.sandbox.fault({ ...down, mode: "error_before", ms: 0 });
  world.expectConsole(/status of 502/);
  await widget.primary.click();
  await widget.expectScreen("error");
  await expect(widget.part("message").last()).toContainText("nothing was charged");
  await world.expectUnpaid(declined);
  await widget.primary.click();
  await widget.expectScreen("recovered", { timeout: JANITOR_TIMEOUT_MS });
  const [charge] = await world.expectAllPaidOnce(declined);
  await world.expectDefault(declined, charge!.payment_method);
});

test("an element that was there before the loader pays like any other", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const token = world.edge.token(declined.customer);
  const page = await world.newPage();
  // A customer who is not signed in: the page's own loader has nothing to show.
  await block(page, "**/v1/loader.js");
  world.expectConsole(BLOCKED);
  const widget = await world.openHost(declined.customer, { page });
  await page.unroute("**/v1/loader.js");
  await page.evaluate((given) => {
    const early = document.createElement("reprieve-widget");
    Object.assign(early, { getToken: async () => given });
    document.body.prepend(early);
  }, token);
  await expect(widget.root, "nothing yet").toHaveCount(0);
  await page.evaluate(async (src) => {
    const script = Object.assign(document.createElement("script"), { src });
    const loaded = new Promise((resolve) => script.addEventListener("load", resolve));
    document.head.append(script);
    await loaded;
  }, `${world.info.edge}/v1/loader.js`);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  const charge = await world.expectPaidOnce(declined);
  await world.expectDefault(declined, charge.payment_method);
});
