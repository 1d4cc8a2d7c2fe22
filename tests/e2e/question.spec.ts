/**
 * A question or a complaint reaches a person from every screen, arrives once, and changes nothing
 * about leaving.
 */
import type { Page } from "@playwright/test";
import { CancelDialog, READ_MS } from "./lib/cancel.ts";
import { openMade, test, tokenUrl } from "./lib/embed.ts";
import { LANGUAGES, PHONE } from "./lib/fairness.ts";
import { Links } from "./lib/links.ts";
import { newSubscriber } from "./lib/subscriber.ts";
import { atEveryStep } from "./lib/views.ts";
import { axeViolations, expect, type World } from "./lib/world.ts";

const QUEUE_TIMEOUT_MS = 60_000;
const CALLS = /\/v1\/complaints$/;

class QuestionForm {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get host() {
    return this.page.locator('reprieve-widget [data-reprieve-dialog="question"]');
  }

  get dialog() {
    return this.host.locator("dialog");
  }

  get text() {
    return this.dialog.getByLabel("Your question or complaint");
  }

  get category() {
    return this.dialog.getByLabel("What is it about?");
  }

  get note() {
    return this.dialog.locator('[part~="note"]');
  }

  async send() {
    await this.dialog.getByRole("button", { name: "Send" }).click();
  }

  /** The number that the customer is told. */
  async number(): Promise<string> {
    await expect(this.dialog.locator("h2")).toHaveText("Your message has arrived");
    const [id] = /cpl_[0-9a-z]+/.exec(await this.dialog.innerText()) ?? [];
    expect(id).toBeDefined();
    return id!;
  }
}

interface Complaint {
  /** Its number. */
  complaint: string;
  category: string;
  text: string;
  cancellation: string | null;
}

/** What waits for a person of the merchant's about this customer. */
async function complaintsOf(world: World, customer: string): Promise<Complaint[]> {
  const key = { headers: { authorization: `Bearer ${world.info.merchant_key}` } };
  const answer = await new Links(world.info).send("/v1/notices", key);
  expect(answer.status).toBe(200);
  const { notices } = (await answer.json()) as {
    notices: { kind: string; customer: string; content: Complaint }[];
  };
  const own = notices.filter((it) => it.customer === customer && it.kind === "complaint");
  return own.map(({ content }) => content);
}

async function openDialog(world: World, customer: string): Promise<[CancelDialog, QuestionForm]> {
  const { page } = await world.openHost(customer);
  const dialog = new CancelDialog(page);
  await dialog.open();
  await dialog.expectScreen("survey");
  return [dialog, new QuestionForm(page)];
}

test("from the dialog about leaving to a person, and back to where it was", async ({ world }) => {
  const { customer } = await newSubscriber(world);
  const [dialog, form] = await openDialog(world, customer);
  const button = dialog.dialog.locator('[data-reprieve="question"]');
  await button.click();
  await expect(form.category).toHaveValue("cancellation");
  await form.send();
  await expect(form.note).toHaveText("Please write a few words first.");
  await expect(form.text).toBeFocused();
  await form.text.fill("Why was I charged on the 3rd? <b>Thanks</b>");
  await form.send();
  const id = await form.number();
  await form.dialog.getByRole("button", { name: "Done" }).click();
  await expect(form.host).toHaveCount(0);
  await dialog.expectScreen("survey");
  await expect(button).toBeFocused();

  const waiting = () => complaintsOf(world, customer);
  await expect.poll(waiting, { timeout: QUEUE_TIMEOUT_MS }).toHaveLength(1);
  const [complaint] = await waiting();
  expect(complaint).toMatchObject({ complaint: id, category: "cancellation" });
  expect(complaint!.text).toBe("Why was I charged on the 3rd? <b>Thanks</b>");
  expect(complaint!.cancellation).toMatch(/^ccl_/);

  await dialog.leave();
  await dialog.expectScreen("done");
});

test("a lost answer: nothing that was written is lost, and it arrives once", async ({ world }) => {
  const { customer } = await newSubscriber(world);
  const [, form] = await openDialog(world, customer);
  world.expectConsole(/ERR_FAILED|Failed to load/);
  let sent = 0;
  await form.page.route(CALLS, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    sent += 1;
    if (sent > 1) return route.continue();
    // It arrives, and its answer does not.
    await route.fetch();
    await route.abort();
  });
  await form.page.locator('reprieve-widget [data-reprieve="question"]').click();
  await form.text.fill("Please call me back.");
  await form.category.selectOption("charge");
  await form.send();
  await expect(form.note).toContainText("nothing happens twice");
  await form.page.keyboard.press("Escape");
  await expect(form.host).toHaveCount(0);
  await form.page.locator('reprieve-widget [data-reprieve="question"]').click();
  await expect(form.text).toHaveValue("Please call me back.");
  await expect(form.category).toHaveValue("charge");
  await form.send();
  const id = await form.number();
  expect(sent).toBe(2);
  const ids = async () => (await complaintsOf(world, customer)).map((it) => it.complaint);
  await expect.poll(ids, { timeout: QUEUE_TIMEOUT_MS }).toEqual([id]);
});

test("what one customer wrote is never shown to the next", async ({ world }) => {
  const [ada, bob] = [await newSubscriber(world), await newSubscriber(world)];
  const body = `<main><h1>Host</h1><button data-reprieve="question">Ask</button></main>`;
  const { page } = await openMade(world, ada.customer, { body });
  const form = new QuestionForm(page);
  const write = async (expected: string, text: string) => {
    await page.getByRole("button", { name: "Ask" }).click();
    await expect(form.text).toHaveValue(expected);
    await form.text.fill(text);
    await page.keyboard.press("Escape");
    await expect(form.host).toHaveCount(0);
  };
  await expect(page.locator("reprieve-widget")).toHaveCount(1);
  await write("", "Ada's own matter");
  await write("Ada's own matter", "Ada's own matter");
  // As docs/embed.md has it: somebody else signs in, and then signs out.
  await page.evaluate(() => (window as any).reprieve("refresh"));
  await write("", "Bob's own matter");
  await page.evaluate((tokenUrl) => {
    (window as any).reprieve("destroy");
    (window as any).reprieve("init", { tokenUrl });
  }, tokenUrl(bob.customer));
  await expect(page.locator("reprieve-widget")).toHaveCount(1);
  await write("", "");
});

test("another way to a person is a link, and nothing that runs", async ({ world }) => {
  const { customer } = await newSubscriber(world);
  const [, form] = await openDialog(world, customer);
  const button = form.page.locator('reprieve-widget [data-reprieve="question"]');
  for (const [url, links] of [["javascript:alert(1)", 0], ["tel:+49301234", 1]] as const) {
    await form.page.evaluate((to) => {
      document.querySelector("reprieve-widget")!.setAttribute("contact-url", to);
    }, url);
    await button.click();
    await expect(form.dialog).toBeVisible();
    await expect(form.dialog.getByRole("link"), url).toHaveCount(links);
    await form.page.keyboard.press("Escape");
    await expect(form.host).toHaveCount(0);
  }
});

test("from the form for a card", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const widget = await world.openHost(declined.customer);
  await widget.expectScreen("banner");
  await widget.part("primary").click();
  await widget.expectScreen("update");
  const form = new QuestionForm(widget.page);
  await widget.page.locator('reprieve-widget dialog [data-reprieve="question"]').click();
  await expect(form.category).toHaveValue("card");
  await form.page.keyboard.press("Escape");
  await expect(form.host).toHaveCount(0);
  await widget.expectScreen("update");
  await world.expectUnpaid(declined);
});

test("there is one on every screen about leaving, in every language, for everyone", async ({
  world,
}) => {
  test.slow();
  for (const lang of LANGUAGES) {
    const { customer } = await newSubscriber(world);
    const page = await world.newPage();
    await page.setViewportSize(PHONE);
    await world.openHost(customer, { page, lang, theme: lang === "ar" ? "dark" : "light" });
    const dialog = new CancelDialog(page);
    const button = dialog.dialog.locator('[data-reprieve="question"]');
    await atEveryStep(dialog, () => expect(button).toBeVisible());
    await dialog.open();
    await page.waitForTimeout(READ_MS);
    await button.click();
    const { dialog: form } = new QuestionForm(page);
    await expect(form.locator("h2")).toBeFocused();
    expect(await axeViolations(page, "reprieve-widget"), lang).toEqual([]);
    const words = await form.innerText();
    expect(words, lang).not.toMatch(/\b[a-z_]{3,}\.[a-z_.]{3,}\b|[{}]|undefined/);
    await page.screenshot({ path: test.info().outputPath(`question-${lang}.png`) });
    await page.close();
  }
});
