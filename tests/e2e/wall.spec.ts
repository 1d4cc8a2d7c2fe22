/** The access wall: in front of everything where a product wants it, and never in anybody's way. */
import { CancelDialog } from "./lib/cancel.ts";
import { openMade, test, tokenUrl } from "./lib/embed.ts";
import type { DeclinedCustomer } from "./lib/types.ts";
import { CARDS } from "./lib/widget.ts";
import { axeViolations, expect, type World } from "./lib/world.ts";

const BODY = `<main><h1>Host</h1><button onclick="this.textContent = 'pressed'">Work</button>
  </main>`;

/** With access that is restricted, as it is after the grace period, until it is paid. */
async function openRestricted(world: World, declined: DeclinedCustomer, wall: string) {
  const page = await world.newPage();
  await page.route("**/v1/status", async (route) => {
    const answer = await route.fetch();
    const status = await answer.json();
    const access = status.state === "action_needed" ? "restricted" : status.access;
    await route.fulfill({ response: answer, json: { ...status, access } });
  });
  const script = `data-token-url="${tokenUrl(declined.customer)}" ${wall}`;
  const widget = await openMade(world, declined.customer, { body: BODY, script }, page);
  await widget.expectScreen("banner");
  await expect(widget.root).toHaveAttribute("data-place", "inline");
  return widget;
}

for (const card of ["0069", "3184"] as const) {
  test(`pays, and the page is there again (${card})`, async ({ world }) => {
    const declined = await world.newDeclinedCustomer({ card });
    const widget = await openRestricted(world, declined, "data-wall");
    const { page } = widget;
    const wall = widget.element.locator("dialog.wall");
    await expect(wall).toBeVisible();
    expect(await axeViolations(page, "reprieve-widget")).toEqual([]);
    // What is behind it takes no press, and Escape opens no way round.
    const work = page.getByRole("button", { name: "Work" });
    await expect(work.click({ timeout: 1_000 })).rejects.toThrow(/intercepts|Timeout/);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(wall).toBeVisible();

    if (card === "0069") {
      await widget.payWith(CARDS.works);
    } else {
      await widget.openConfirmation();
      await widget.primary.click();
      await widget.answerBank("complete");
    }
    await widget.expectScreen("recovered");
    await widget.primary.click();
    await expect(wall).toHaveCount(0);
    await page.locator("main button").click();
    await expect(page.locator("main button")).toHaveText("pressed");
    await world.expectPaidOnce(declined);
  });
}

test("nobody is kept: a person and the way out are on it", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await openRestricted(world, declined, "data-wall");
  const { page } = widget;
  const wall = widget.element.locator("dialog.wall");
  await wall.locator('[data-reprieve="question"]').click();
  const question = page.locator('reprieve-widget [data-reprieve-dialog="question"]');
  await expect(question.locator("h2")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(question).toHaveCount(0);
  await wall.locator('[data-reprieve="cancel"]').click();
  const dialog = new CancelDialog(page);
  await expect(dialog.dialog).toBeVisible({ timeout: 60_000 });
  await dialog.leave();
  await dialog.expectScreen("done");
  await dialog.close();
  await expect(wall).toHaveCount(0);
  // The widget reads the status once more, which the page need not wait for.
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await world.expectNothingPaid(declined);
});

test("the page's own button opens the form for a card in front of it", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await openRestricted(world, declined, "data-wall");
  const { page } = widget;
  await expect(widget.element.locator("dialog.wall")).toBeVisible();
  expect(await page.evaluate(() => (window as any).reprieve("open", "update"))).toBe(true);
  await widget.expectScreen("update");
  await expect(widget.part("panel")).toBeVisible();
  await page.keyboard.press("Escape");
  await widget.expectScreen("banner");
  await expect(widget.element.locator("dialog.wall")).toBeVisible();
  await world.expectUnpaid(declined);
});

test("a page that wants none has none", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const widget = await openRestricted(world, declined, "");
  await expect(widget.element.locator("dialog.wall")).toHaveCount(0);
  await widget.page.getByRole("button", { name: "Work" }).click();
  await world.expectUnpaid(declined);
});
