/** A merchant's own colours: used as they are, unless people could not read them. */
import { newSubscriber } from "./lib/subscriber.ts";
import { CancelDialog } from "./lib/cancel.ts";
import { openMade, test, tokenUrl } from "./lib/embed.ts";
import { axeViolations, expect, type World } from "./lib/world.ts";

const UNREADABLE = `--reprieve-accent: #ffe08a; --reprieve-accent-text: #fff;
  --reprieve-muted: #d0d0d0; --reprieve-text: #8b8b8b`;
const READABLE = `--reprieve-accent: #0b5d3b; --reprieve-accent-text: #fff;
  --reprieve-muted: #3d4f48; --reprieve-text: #10201a`;

async function openWith(world: World, customer: string, colours: string) {
  const page = await world.newPage();
  const warnings: string[] = [];
  page.on("console", (it) => {
    if (it.type() === "warning" && it.text().startsWith("reprieve:")) warnings.push(it.text());
  });
  const head = `<style>reprieve-widget { ${colours} }</style>`;
  const widget = await openMade(world, customer, { head, script: script(customer) }, page);
  return { widget, warnings };
}

const script = (customer: string) => `data-token-url="${tokenUrl(customer)}" data-theme="light"`;

test("colours that nobody could read become readable, and the console says so", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer();
  const { widget, warnings } = await openWith(world, declined.customer, UNREADABLE);
  await widget.expectScreen("banner");
  await expect.poll(() => warnings.length).toBeGreaterThan(2);
  for (const name of ["accent", "accent in words", "accent-text", "muted", "text"]) {
    const told = warnings.filter((it) => it.includes(`--reprieve-${name} has`));
    expect(told, name).toHaveLength(1);
  }
  expect(await axeViolations(widget.page, "reprieve-widget"), "banner").toEqual([]);
  await widget.openPanel();
  expect(await axeViolations(widget.page, "reprieve-widget"), "panel").toEqual([]);
  await world.expectUnpaid(declined);
});

test("words about fields that are on their way can be read all the time", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { widget } = await openWith(world, declined.customer, UNREADABLE);
  // The provider's script never comes: the panel waits for the card's fields.
  await widget.page.route(`${world.info.sandbox_js}/**`, () => undefined);
  await widget.expectScreen("banner");
  await widget.primary.click();
  await widget.expectScreen("update");
  const waiting = widget.root.locator(".skeleton");
  await expect(waiting).toBeVisible();
  for (const share of [0, 0.25, 0.5, 0.75]) {
    await waiting.evaluate((element, at) => {
      const [animation] = element.getAnimations();
      if (!animation) throw new Error("nothing moves");
      animation.pause();
      animation.currentTime = at * Number(animation.effect?.getComputedTiming().duration);
    }, share);
    const found = await axeViolations(widget.page, "reprieve-widget");
    expect(found, `at ${share} of the animation`).toEqual([]);
  }
  await widget.page.unrouteAll({ behavior: "ignoreErrors" });
  await world.expectUnpaid(declined);
});

test("colours that can be read are left as they are", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { widget, warnings } = await openWith(world, declined.customer, READABLE);
  await widget.openPanel();
  const colours = await widget.primary.evaluate((button) => {
    const { backgroundColor, color } = getComputedStyle(button);
    return [backgroundColor, color];
  });
  expect(colours).toEqual(["rgb(11, 93, 59)", "rgb(255, 255, 255)"]);
  expect(warnings).toEqual([]);
  await world.expectUnpaid(declined);
});

test("in the dialog about leaving, too", async ({ world }) => {
  const { customer } = await newSubscriber(world);
  const page = await world.newPage();
  const head = `<style>reprieve-widget { ${UNREADABLE} }</style>`;
  const body = `<main><h1>Host</h1><button data-reprieve="cancel">Cancel</button></main>`;
  await openMade(world, customer, { head, body, script: script(customer) }, page);
  const dialog = new CancelDialog(page);
  await dialog.open();
  await dialog.expectScreen("survey");
  // The colours come a moment after the dialog.
  const violations = () => axeViolations(page, "reprieve-widget");
  await expect.poll(violations).toEqual([]);
});
