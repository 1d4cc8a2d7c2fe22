/**
 * The customer and the bank's question part: closed tabs, two tabs, the bank's own page and back, a
 * link on another device. Money moves once.
 */
import { HostedPage, Links, onAnotherDevice, openLink } from "./lib/links.ts";
import { expect, test, type World } from "./lib/world.ts";

async function stopped(world: World) {
  const declined = await world.newDeclinedCustomer({ card: "3184" });
  await world.expectRemedy(declined.customer, "authenticate");
  return declined;
}

for (const [answer, ends] of [
  ["complete", "succeeded"],
  ["fail", "failed"],
] as const) {
  test(`the bank's own page: ${answer}`, async ({ world }) => {
    const declined = await world.newDeclinedCustomer({ card: "3184" });
    await world.sendToBank(declined);
    await world.expectRemedy(declined.customer, "authenticate");
    const widget = await world.openHost(declined.customer);
    await widget.openConfirmation();
    await widget.primary.click();
    await widget.page.locator(`#${answer}`).click();
    await widget.page.waitForURL(new RegExp(`redirect_status=${ends}`));
    if (answer === "complete") {
      await world.expectState(declined.customer, "recovered");
      await world.expectPaidOnce(declined);
    } else {
      await widget.expectScreen("banner");
      await expect(widget.part("note").first()).toContainText("nothing was charged");
      await world.expectUnpaid(declined);
      await widget.openConfirmation();
      await widget.primary.click();
      await widget.answerBank("complete");
      await widget.expectScreen("recovered");
      await world.expectPaidOnce(declined);
    }
  });
}

test("who turns back on the bank's own page can go there again", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "3184" });
  await world.sendToBank(declined);
  await world.expectRemedy(declined.customer, "authenticate");
  const widget = await world.openHost(declined.customer);
  await widget.openConfirmation();
  await widget.primary.click();
  await expect(widget.page.locator("#complete")).toBeVisible();
  await widget.page.goBack();
  await world.expectUnpaid(declined);
  await widget.openConfirmation();
  await widget.primary.click();
  await widget.page.locator("#complete").click();
  await widget.page.waitForURL(/redirect_status=succeeded/);
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
});

test("a page that the browser kept while the customer was away wakes up", async ({ world }) => {
  const declined = await stopped(world);
  const widget = await world.openHost(declined.customer);
  await widget.openConfirmation();
  await widget.primary.click();
  await expect(widget.challenge).toBeVisible();
  // Chromium keeps no page that a debugger looks at; the event is what a kept page hears.
  await widget.page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  });
  await expect(widget.part("note").last()).toContainText("nothing was charged");
  await world.expectUnpaid(declined);
});

test("the tab is closed while the bank asks, and the next visit goes on", async ({ world }) => {
  const declined = await stopped(world);
  const first = await world.openHost(declined.customer);
  await first.openConfirmation();
  await first.primary.click();
  await expect(first.challenge).toBeVisible();
  await first.page.close();
  const asked = await world.attempts(declined);

  const second = await world.openHost(declined.customer, { path: "/game" });
  await second.openConfirmation();
  await second.primary.click();
  await second.answerBank("complete");
  await second.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  expect(await world.attempts(declined), "the same question").toHaveLength(asked.length + 1);
});

test("the tab is closed right after the answer, and the webhook does the rest", async ({
  world,
}) => {
  const declined = await stopped(world);
  const widget = await world.openHost(declined.customer);
  await widget.openConfirmation();
  await widget.page.route("**/v1/authentications/*/complete", () => {});
  await widget.primary.click();
  await widget.answerBank("complete");
  await widget.page.close();
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
});

test("two tabs show the bank's question, one answers", async ({ world }) => {
  const declined = await stopped(world);
  const tabs = [
    await world.openHost(declined.customer),
    await world.openHost(declined.customer, { path: "/game" }),
  ] as const;
  for (const tab of tabs) {
    await tab.openConfirmation();
    await tab.primary.click();
    await expect(tab.challenge).toBeVisible();
  }
  await tabs[1].answerBank("complete");
  await tabs[1].expectScreen("recovered");
  world.expectConsole(/400/); // The bank tells the other frame that this is over.
  await tabs[0].answerBank("complete");
  await tabs[0].expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("two tabs press at the same time, and the bank asks about one charge", async ({ world }) => {
  const declined = await stopped(world);
  const tabs = [
    await world.openHost(declined.customer),
    await world.openHost(declined.customer, { path: "/game" }),
  ] as const;
  for (const tab of tabs) await tab.openConfirmation();
  await Promise.all(tabs.map((tab) => tab.primary.click()));
  for (const tab of tabs) await expect(tab.challenge).toBeVisible();
  const waits = await world.payment(declined);
  expect(waits.status).toBe("requires_action");
  await tabs[0].answerBank("complete");
  await tabs[0].expectScreen("recovered");
  world.expectConsole(/400/);
  await tabs[1].answerBank("fail");
  await tabs[1].expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("a link brings the bank's question to another device", async ({ world, browser }) => {
  const declined = await stopped(world);
  const link = await new Links(world.info).makeOne({ customer: declined.customer });
  const desktop = await world.openHost(declined.customer);
  await desktop.openConfirmation();
  await onAnotherDevice(world, browser, async (page) => {
    const hosted = await openLink(world, link, page);
    await hosted.proceed();
    await hosted.widget.openConfirmation();
    await hosted.widget.primary.click();
    await hosted.widget.answerBank("complete");
    await hosted.widget.expectScreen("recovered");
  });
  await world.expectPaidOnce(declined);
  world.expectConsole(/409/);
  await desktop.primary.click();
  await desktop.expectScreen("recovered");
  await world.expectPaidOnce(declined);
});

test("a link, the bank's own page, and back to the link", async ({ world, browser }) => {
  const declined = await world.newDeclinedCustomer({ card: "3184" });
  const link = await new Links(world.info).makeOne({ customer: declined.customer });
  await world.sendToBank(declined, link.url);
  await world.expectRemedy(declined.customer, "authenticate");
  await onAnotherDevice(world, browser, async (page) => {
    const hosted: HostedPage = await openLink(world, link, page);
    await hosted.proceed();
    await hosted.widget.openConfirmation();
    await hosted.widget.primary.click();
    await page.locator("#complete").click();
    await page.waitForURL((url) => url.href.startsWith(link.url));
    await expect(page.locator("section[data-view]:visible")).toHaveCount(1);
    await expect
      .poll(() => page.url(), { message: "no client secret stays in the address" })
      .toBe(link.url);
  });
  await world.expectState(declined.customer, "recovered");
  await world.expectPaidOnce(declined);
});
