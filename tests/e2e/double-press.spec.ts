/**
 * The way out stands in the same place on every screen about leaving. Whoever presses twice, or
 * holds a key, answers one screen and not the one that comes in its place; and whoever stays is
 * guarded in the same way.
 */
import { CancelDialog } from "./lib/cancel.ts";
import { answerCancelCalls, cancellation, OFFERS, type Step } from "./lib/views.ts";
import { expect, test, type World } from "./lib/world.ts";

/** In this order the screens come when nothing is answered. */
const NEXT: Partial<Record<Step, Step>> = {
  survey: "feedback",
  feedback: "confirm",
  confirm: "done",
};

/** The dialog on a screen, over a server that goes one screen on with each answer. */
async function openAt(world: World, first: Step) {
  const customer = await world.sandbox.post("customers", { name: "Ada who leaves" });
  const page = await world.newPage();
  let step = first;
  const calls: string[] = [];
  await answerCancelCalls(page, (path) => {
    if (!path.endsWith("/cancellations") && !path.endsWith("/subscriptions")) {
      calls.push(path);
      step = NEXT[step] ?? step;
    }
    const offers = step === "offer" ? [OFFERS.pause] : [];
    return cancellation(step, "elsewhere", { offers });
  });
  await world.openHost(customer.id, { page });
  const dialog = new CancelDialog(page);
  await dialog.open();
  await dialog.expectScreen(first);
  await dialog.read();
  return { dialog, calls };
}

for (const first of ["survey", "feedback"] as const) {
  test(`a double click on ${first} answers ${first}`, async ({ world }) => {
    const { dialog, calls } = await openAt(world, first);
    await dialog.wayOut.dblclick();
    await dialog.expectScreen(NEXT[first]!);
    await dialog.read();
    await dialog.expectScreen(NEXT[first]!);
    expect(calls).toHaveLength(1);
  });
}

test("what comes in the place of a button takes no press at once, and takes one later", async ({
  world,
}) => {
  const { dialog, calls } = await openAt(world, "feedback");
  // The press comes in the same moment as the screen, as no hand can do it on purpose.
  await dialog.page.evaluate(() => {
    const host = document.querySelector("reprieve-widget")!.shadowRoot!;
    const root = host.querySelector('[data-reprieve-dialog="cancel"]')!.shadowRoot!;
    const screen = root.querySelector("[data-screen]")!;
    const press = () => {
      for (const button of root.querySelectorAll<HTMLElement>('[part~="choice"]')) button.click();
    };
    new MutationObserver(() => setTimeout(press, 60)).observe(screen, {
      attributeFilter: ["data-screen"],
    });
  });
  await dialog.wayOut.click();
  await dialog.expectScreen("confirm");
  await dialog.read();
  await dialog.expectScreen("confirm");
  expect(calls, "neither leaving nor staying was pressed").toHaveLength(1);
  await dialog.wayOut.click();
  await dialog.expectScreen("done");
  expect(calls).toHaveLength(2);
});

test("a key that is held down answers one screen", async ({ world }) => {
  const { dialog, calls } = await openAt(world, "feedback");
  await dialog.wayOut.focus();
  await dialog.page.keyboard.down("Enter");
  await dialog.expectScreen("confirm");
  await dialog.wayOut.focus();
  await dialog.read();
  // Down again without up: the browser says that the key repeats.
  for (const _ of [1, 2, 3]) await dialog.page.keyboard.down("Enter");
  await dialog.page.keyboard.up("Enter");
  await dialog.expectScreen("confirm");
  expect(calls).toHaveLength(1);
  await dialog.page.keyboard.press("Enter");
  await dialog.expectScreen("done");
});
