/** The merchant's own words: which are taken, why others are not, and where they are shown. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { openMade, test, tokenUrl } from "./lib/embed.ts";
import { newSubscriber } from "./lib/subscriber.ts";
import { expect } from "./lib/world.ts";

const SOURCE = new URL("../../widget/", import.meta.url);

type Words = Record<string, string>;

const file = (name: string): Words =>
  JSON.parse(readFileSync(new URL(`locale/${name}.json`, SOURCE), "utf8"));

/** The file as it is served. */
const bundled = () =>
  buildSync({
    entryPoints: [fileURLToPath(new URL("loader/own.js", SOURCE))],
    bundle: true,
    write: false,
    format: "esm",
    define: { __PINS__: "null", __CAN_PIN__: "false" },
  }).outputFiles[0]!.text;

/** What is shown in the end, and what the console says. */
async function taken(texts: Words, own: object, isDialog = false): Promise<[Words, string[]]> {
  const { withOwn } = await import(`data:text/javascript,${encodeURIComponent(bundled())}`);
  const told: string[] = [];
  const { warn } = console;
  console.warn = (text) => told.push(text);
  try {
    return [withOwn(texts, own, isDialog), told];
  } finally {
    console.warn = warn;
  }
}

test("own words come before ours, in every tone", async () => {
  const [words, told] = await taken(file("en"), {
    "banner.title": "Hold on!",
    "next.grace": "Raid on until {date}.",
    "game.pending.message": "Loot is coming.",
    "due.several.one": "one bill",
  });
  expect(told).toEqual([]);
  expect(words).toMatchObject({
    "banner.title": "Hold on!",
    "next.grace": "Raid on until {date}.",
    "game.pending.message": "Loot is coming.",
    "due.several.one": "one bill",
    "due.several.other": "{count} open invoices",
    "action.done": "Done",
  });
  expect(Object.keys(words)).not.toContain("game.next.grace");
});

test("own words that hide something are refused with the reason", async () => {
  const rows: [string, unknown, string][] = [
    ["banner.titel", "Hold on!", "there is no such key"],
    ["toString", "Hold on!", "there is no such key"],
    ["action.pay", "Save card and pay", "its {values} are not those of our text"],
    ["action.pay_plain", "Pay {amount}", "its {values} are not those of our text"],
    ["action.close", "", "this is no text"],
    ["action.again", 7, "this is no text"],
    ["action.done", "x".repeat(601), "this is longer than 600 bytes"],
    ["action.saving", "ß".repeat(301), "this is longer than 600 bytes"],
    ["action.leave", "Let us talk", "this text is fixed"],
    ["direction", "rtl", "this text is fixed"],
  ];
  const own = Object.fromEntries(rows.map(([key, text]) => [key, text]));
  const [words, told] = await taken(file("en"), own);
  expect(told).toEqual(rows.map(([key, , why]) => `reprieve: texts["${key}"]: ${why}`));
  expect(words).toEqual(file("en"));
});

test("of very many own words the first are taken", async () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`nothing.${at}`, "x"]));
  expect((await taken(file("en"), many))[1]).toHaveLength(400);
});

test("those of the dialogs have a prefix, and what a law names stays", async () => {
  const own = { "action.save": "Keep it", "leave.action.save": "Keep the receipt" };
  expect((await taken(file("en"), own))[0]["action.save"]).toBe("Keep it");
  expect((await taken(file("cancel/en"), own, true))[0]["action.save"]).toBe("Keep the receipt");
  const keys = ["cancel.entry.de", "cancel.confirm", "withdraw.entry", "receipt.price"];
  const fixed = Object.fromEntries(keys.map((key) => [`leave.${key}`, "Bleiben"]));
  const [words, told] = await taken(file("cancel/de"), fixed, true);
  expect(told).toEqual(keys.map((key) => `reprieve: texts["leave.${key}"]: this text is fixed`));
  expect(words).toEqual(file("cancel/de"));
});

test("they are shown in the form of a question and in the dialog about leaving", async ({
  world,
}) => {
  const { customer } = await newSubscriber(world);
  const body = `<main><h1>Host</h1><button data-reprieve="question">Ask</button>
    <button data-reprieve="cancel">Leave</button></main>
    <reprieve-widget token-url="${tokenUrl(customer)}"></reprieve-widget>`;
  const { page } = await openMade(world, customer, { body, script: "" });
  await page.evaluate(() => {
    document.querySelector("reprieve-widget")!.texts = {
      "leave.question.title": "<b>Write to Ada</b>",
      "leave.question.number": "Nothing to see",
      "leave.question.send": "Off it goes",
      "leave.survey.title": "What could we do better?",
    };
  });
  const told: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "warning") told.push(message.text());
  });
  await page.getByRole("button", { name: "Ask" }).click();
  const question = page.locator('[data-reprieve-dialog="question"] dialog');
  await expect(question.locator("h2")).toHaveText("<b>Write to Ada</b>");
  await question.getByLabel("Your question or complaint").fill("Hello.");
  await question.getByRole("button", { name: "Off it goes" }).click();
  await expect(question.locator("p").first()).toContainText(/number cpl_/);
  await page.keyboard.press("Escape");
  await expect(question).toHaveCount(0);
  expect(told.filter((text) => text.startsWith("reprieve: "))).toEqual([
    'reprieve: texts["leave.question.number"]: its {values} are not those of our text',
  ]);
  await page.getByRole("button", { name: "Leave" }).click();
  const leaving = page.locator('[data-reprieve-dialog="cancel"] dialog');
  await expect(leaving.locator("h2")).toHaveText("What could we do better?");
});
