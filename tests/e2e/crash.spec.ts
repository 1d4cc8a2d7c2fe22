/**
 * The edge dies at the worst moments and comes back; webhooks are held up. These tests have a
 * stack of their own, because they break it, and run one after the other.
 */
import { CARDS } from "./lib/widget.ts";
import { expect, ownStackTest as test } from "./lib/world.ts";

const HANG_MS = 20_000;
const RECOVERY_TIMEOUT_MS = 60_000;

/** A page whose edge dies reports that on its console. */
const EDGE_GONE = /ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|ERR_INCOMPLETE|Failed to fetch/;

test.describe.configure({ mode: "default" });

test.afterEach(async ({ world }) => {
  await world.sandbox.clearFaults();
  await world.sandbox.pauseWebhooks(false);
});

/** When, relative to the charge, the provider stops answering and the edge is killed. */
const MOMENTS = [
  { mode: "hang_before", charged: 0, what: "before the charge was made" },
  { mode: "hang_after", charged: 1, what: "after the charge, before its answer" },
] as const;

for (const { mode, charged, what } of MOMENTS) {
  test(`the edge is killed ${what}: paid once`, async ({ world, stack }) => {
    const declined = await world.newDeclinedCustomer();
    const paid = async () =>
      (await world.attempts(declined)).filter(({ status }) => status === "succeeded").length;
    const widget = await world.openHost(declined.customer);
    await widget.openPanel();
    await widget.fillCard(CARDS.works);
    const path_prefix = `/v1/invoices/${declined.invoice}/pay`;
    await world.sandbox.fault({ method: "POST", path_prefix, mode, ms: HANG_MS, times: 1 });

    world.expectConsole(EDGE_GONE);
    const sent = widget.page.waitForRequest((request) => request.url().endsWith("/complete"));
    await widget.primary.click();
    await sent;
    await widget.page.waitForTimeout(1_500); // The call to the provider is under way by now.
    await expect.poll(paid).toBe(charged);
    await stack.kill("edge");
    await stack.start("edge");

    await world.expectState(declined.customer, "recovered", RECOVERY_TIMEOUT_MS);
    await world.expectPaidOnce(declined);
    const keys = (await world.attempts(declined)).map((attempt) => attempt.idempotency_key);
    expect(new Set(keys).size, "no attempt was repeated under the same key").toBe(keys.length);

    await widget.page.reload();
    await expect.poll(() => widget.eventNames()).toContain("status");
    await widget.expectNothing();
  });
}

test("the page that saw the crash ends recovered by itself", async ({ world, stack }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  const path_prefix = `/v1/invoices/${declined.invoice}/pay`;
  const fault = { method: "POST", path_prefix, mode: "hang_after", ms: HANG_MS, times: 1 } as const;
  await world.sandbox.fault(fault);
  world.expectConsole(EDGE_GONE);
  await widget.primary.click();
  const paid = async () =>
    (await world.attempts(declined)).some(({ status }) => status === "succeeded");
  await expect.poll(paid).toBe(true);
  await stack.kill("edge");
  await stack.start("edge");
  await expect(async () => {
    const screen = await widget.root.getAttribute("data-screen");
    if (screen === "error" || screen === "offline") await widget.primary.click();
    expect(screen).toBe("recovered");
  }).toPass({ timeout: RECOVERY_TIMEOUT_MS, intervals: [2_000] });
  await world.expectPaidOnce(declined);
});

test("a renewal that fails while the edge is down is not lost", async ({ world, stack }) => {
  await stack.kill("edge");
  const declined = await world.newDeclinedCustomer();
  await stack.start("edge");
  await world.sandbox.redeliver(declined.customer, 1, 1);
  await world.expectState(declined.customer, "action_needed");
  const widget = await world.openHost(declined.customer);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("killed while webhooks arrive: the sender repeats and no event is lost", async ({
  world,
  stack,
}) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const card = await world.sandbox.post("payment_methods/pm_card_visa/attach", { customer });
  // Paid elsewhere: only the webhook can tell the edge, and it arrives at a dead door.
  await stack.kill("edge");
  await world.sandbox.post(`invoices/${declined.invoice}/pay`, { payment_method: card.id });
  await stack.start("edge");
  await world.expectState(customer, "recovered", RECOVERY_TIMEOUT_MS);
  await world.expectPaidOnce(declined);
});

test("a webhook that comes after the click changes nothing", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.openPanel();
  await widget.fillCard(CARDS.works);
  await world.sandbox.pauseWebhooks(true);
  await widget.primary.click();
  await widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  await world.sandbox.pauseWebhooks(false);
  await world.sandbox.redeliver(declined.customer, 2, 3);
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
  expect((await widget.eventNames()).filter((name) => name === "recovered")).toHaveLength(1);
});

test("a state on disk survives a restart without any traffic", async ({ world, stack }) => {
  const declined = await world.newDeclinedCustomer({ card: "9995" });
  const before = await world.edge.status(declined.customer);
  await stack.kill("edge");
  await stack.start("edge");
  const after = await world.edge.status(declined.customer);
  expect({ ...after, server_time_ms: 0 }).toEqual({ ...before, server_time_ms: 0 });
});
