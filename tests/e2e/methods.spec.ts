/**
 * Other methods than a typed card, in the provider's own element: a wallet, a bank account, and the
 * customer's bank on a page of its own, with the way back. The ledger says what was taken and when.
 */
import type { Page } from "@playwright/test";
import { HostedPage, Links, openLink } from "./lib/links.ts";
import { ACCOUNTS, Widget } from "./lib/widget.ts";
import { expect, test, type World } from "./lib/world.ts";

/** What Stripe's script puts into the address; nothing of it may stay there. */
const TRACES = /setup_intent|secret|redirect_status|reprieve_back/;

async function methodOf(world: World, customer: string) {
  const { invoice_settings } = await world.sandbox.get(`customers/${customer}`);
  return world.sandbox.get(`payment_methods/${invoice_settings.default_payment_method}`);
}

/** Every address that the page had since it was loaded, the first one as the server saw it. */
async function watchAddresses(page: Page): Promise<string[]> {
  const seen: string[] = [];
  page.on("framenavigated", (frame) => frame === page.mainFrame() && seen.push(frame.url()));
  return seen;
}

test("a wallet pays as a card does", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.chooseKind("google_pay");
  await expect(widget.cardFrame().locator('input[autocomplete="cc-number"]')).toBeHidden();
  await widget.primary.click();
  await widget.expectScreen("recovered");
  const charge = await world.expectPaidOnce(declined);
  const { card } = await world.sandbox.get(`payment_methods/${charge.payment_method}`);
  expect(card.wallet.type).toBe("google_pay");
  await world.expectDefault(declined, charge.payment_method);
});

test("a bank account is checked before anything is sent", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.chooseKind("sepa_debit");
  await widget.primary.click();
  await expect(widget.cardFrame().locator("#Error-iban")).toContainText("incomplete");
  await widget.fillAccount("DE00 3704 0044 0532 0130 00");
  await widget.primary.click();
  await expect(widget.cardFrame().locator("#Error-iban")).toContainText("invalid");
  await world.expectUnpaid(declined);
});

test("a direct debit is waited for, asked for once, and pays days later", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0341" });
  const before = (await world.attempts(declined)).length;
  const widget = await world.openHost(declined.customer);
  await widget.payByDebit(ACCOUNTS.pays);
  await widget.expectScreen("pending");
  await expect(widget.part("title").last()).toContainText("on its way");
  await world.expectState(declined.customer, "processing");

  const status = await world.edge.status(declined.customer);
  expect(status).toMatchObject({ remedy: "wait", can_retry: false });
  const debits = async () => (await world.attempts(declined)).slice(before);
  expect((await debits()).map(({ status }) => status)).toEqual(["pending"]);
  await world.expectDefault(declined, (await debits())[0]!.payment_method);

  // Another visit asks for nothing, and no call of the API can pay a second time.
  const again = await world.openHost(declined.customer, { path: "/game" });
  await expect.poll(() => again.eventNames()).toContain("status");
  await again.expectNothing();
  const retried = await world.edge.call(declined.customer, "/v1/retries", { method: "POST" });
  expect(retried.status).toBe(409);
  // Nor does an old event, or the janitor.
  await world.sandbox.redeliver(declined.customer, 2, 5);
  expect((await debits()).map(({ status }) => status)).toEqual(["pending"]);
  await world.expectState(declined.customer, "processing");

  await world.sandbox.settleDebits(declined.customer);
  await world.expectState(declined.customer, "recovered");
  const charge = await world.expectPaidOnce(declined);
  expect(charge.id).toBe((await debits())[0]!.id);
  expect(await debits()).toHaveLength(1);
});

test("a debit that bounces days later brings the notice back, and a card pays", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer({ card: "0341" });
  const widget = await world.openHost(declined.customer);
  await widget.payByDebit(ACCOUNTS.bounces);
  await widget.expectScreen("pending");
  await world.expectState(declined.customer, "processing");
  await world.sandbox.settleDebits(declined.customer);
  await world.expectState(declined.customer, "action_needed");
  await world.expectUnpaid(declined);
  const status = await world.edge.status(declined.customer);
  expect(status.reason).toBe("insufficient_funds");
  expect(status.method).toEqual({ brand: "sepa_debit", last4: "3001" });

  const again = await world.openHost(declined.customer);
  await again.expectScreen("banner");
  await expect(again.part("banner")).toContainText("SEPA");
  await again.payWith("4242424242424242");
  await again.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("one invoice at the bank does not hide another one", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0341", subscriptions: 2 });
  const [first, second] = declined.invoices as [string, string];
  const widget = await world.openHost(declined.customer);
  await widget.payByDebit(ACCOUNTS.bounces);
  await widget.expectScreen("pending");
  await world.expectState(declined.customer, "processing");
  const statuses = async () =>
    (await world.sandbox.ledger(declined.customer))
      .filter(({ status }) => status === "pending")
      .map(({ invoice }) => invoice)
      .sort();
  expect(await statuses(), "each is asked for once").toEqual([first, second].sort());
  await world.sandbox.settleDebits(declined.customer);
  await world.expectState(declined.customer, "action_needed");
  await world.expectUnpaid(declined);
  await world.expectUnpaid({ ...declined, invoice: second });
});

test("iDEAL: to the bank and back, and the debit it left pays", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.chooseKind("ideal");
  const addresses = await watchAddresses(widget.page);
  await widget.primary.click();
  await widget.page.locator("#complete").click();
  await widget.expectScreen("pending");
  await expect(widget.part("title").last()).toContainText("on its way");
  expect(addresses.some((address) => address.includes("setup_intent_client_secret"))).toBe(true);
  expect(widget.page.url()).not.toMatch(TRACES);
  expect(new URL(widget.page.url()).searchParams.get("customer")).toBe(declined.customer);

  const method = await methodOf(world, declined.customer);
  expect(method.type, "what was used cannot be charged again").toBe("sepa_debit");
  expect(method.sepa_debit.generated_from.setup_attempt).toMatch(/^setatt_/);
  await world.expectDefault(declined, method.id);

  // A reload tells nothing new, twice.
  for (const _ of [1, 2]) {
    await widget.page.reload();
    await expect.poll(() => widget.eventNames()).toContain("status");
    await widget.expectNothing();
  }
  await world.sandbox.settleDebits(declined.customer);
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
});

test("iDEAL: the customer turns it down at the bank", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.chooseKind("ideal");
  await widget.primary.click();
  await widget.page.locator("#fail").click();
  await widget.expectScreen("banner");
  await expect(widget.part("note").first()).toContainText("nothing was charged");
  expect(widget.page.url()).not.toMatch(TRACES);
  await world.expectUnpaid(declined);
  await widget.payWith("4242424242424242");
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("who goes back on the bank's page can begin again", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.chooseKind("bancontact");
  await widget.primary.click();
  await expect(widget.page.locator("#complete")).toBeVisible();
  await widget.page.goBack();
  await world.expectUnpaid(declined);
  await widget.payWith("4242424242424242");
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

/** Gives an iDEAL and stops where the bank sends the browser back; the address of that. */
async function returnAddress(widget: Widget): Promise<string> {
  await widget.openPanel();
  await widget.chooseKind("ideal");
  const { page } = widget;
  let back = "";
  await page.route(/reprieve_back/, (route) => {
    back = route.request().url();
    return route.abort();
  });
  await widget.primary.click();
  await page.locator("#complete").click();
  await expect.poll(() => back).toContain("setup_intent_client_secret");
  await page.unroute(/reprieve_back/);
  return back;
}

test("the same way back in two tabs, and again later, is one payment", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const before = (await world.attempts(declined)).length;
  world.expectConsole(/ERR_FAILED/);
  const back = await returnAddress(await world.openHost(declined.customer));
  const tabs = await Promise.all([world.newPage(), world.newPage()]);
  const load = async (page: Page) => {
    await page.goto(back);
    const widget = new Widget(page);
    await widget.expectScreen("pending");
    expect(page.url()).not.toMatch(TRACES);
  };
  await Promise.all(tabs.map(load));
  await world.expectState(declined.customer, "processing");
  await load(tabs[0]!);
  expect(await world.attempts(declined)).toHaveLength(before + 1);
  await world.sandbox.settleDebits(declined.customer);
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
  await tabs[1]!.goto(back);
  await new Widget(tabs[1]!).expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("somebody else's way back changes nothing", async ({ world }) => {
  const [owner, other] = [await world.newDeclinedCustomer(), await world.newDeclinedCustomer()];
  world.expectConsole(/ERR_FAILED|404/);
  const back = new URL(await returnAddress(await world.openHost(owner.customer)));
  back.searchParams.set("customer", other.customer);
  const page = await world.newPage();
  await page.goto(back.href);
  const widget = new Widget(page);
  await widget.expectScreen("error");
  expect(page.url()).not.toMatch(TRACES);
  await world.expectUnpaid(other);
  // Nobody of theirs came back: the alarm does it.
  await world.expectState(owner.customer, "processing", 90_000);
  await world.expectUnpaid(owner);
  const methods = await world.sandbox.get(`payment_methods?customer=${other.customer}`);
  expect(methods.data.map(({ type }: { type: string }) => type)).not.toContain("sepa_debit");
});

test("the page's own parameters of the same names are left alone", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const page = await world.newPage();
  const query = new URLSearchParams({
    customer: declined.customer,
    lang: "en",
    setup_intent: "seti_of_the_page",
  });
  await page.goto(`${world.info.host}/saas?${query}`);
  await new Widget(page).expectScreen("banner");
  expect(new URL(page.url()).searchParams.get("setup_intent")).toBe("seti_of_the_page");
  await world.expectUnpaid(declined);
});

test("the webhook is faster than the way back", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  world.expectConsole(/ERR_FAILED/);
  const widget = await world.openHost(declined.customer);
  await returnAddress(widget);
  // Nobody comes back: the event names the iDEAL, which nobody can charge, and still it is paid.
  await widget.page.close();
  await world.expectState(declined.customer, "processing", 90_000);
  expect((await methodOf(world, declined.customer)).type).toBe("sepa_debit");
  await world.sandbox.settleDebits(declined.customer);
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
});

test("from a link: to the bank, back to the page, and what it says then", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const links = new Links(world.info);
  const link = await links.makeOne({ customer: declined.customer });
  const hosted = await openLink(world, link);
  await hosted.proceed();
  await hosted.widget.openPanel();
  await hosted.widget.chooseKind("ideal");
  await hosted.widget.primary.click();
  await hosted.page.locator("#complete").click();
  await hosted.widget.expectScreen("pending");
  await expect(hosted.widget.part("title").last()).toContainText("on its way");
  expect(hosted.page.url()).toBe(link.url);

  await hosted.page.reload();
  await new HostedPage(hosted.page).expectView("days");
  await world.sandbox.settleDebits(declined.customer);
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
});
