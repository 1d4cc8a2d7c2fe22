/**
 * The public page of declarations: no login, no script; recorded first, receipted at once, handed
 * to the merchant, and nothing else happens by itself.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { CRON, queryD1, type Row } from "./lib/disk.ts";
import { axeViolations, expect, test, type World } from "./lib/world.ts";

const REQUEST_TIMEOUT_MS = 60_000;
const HOUR_MS = 60 * 60 * 1000;

/** Chromium reports every 400 on the console. */
const BAD_REQUEST = /status of 400/;

interface Entries {
  name?: string;
  email?: string;
  number?: string;
  contract?: string;
}

/** The form, in a browser of its own that speaks a language. */
async function openForm(
  world: World,
  browser: Browser,
  path: string,
  locale: string,
): Promise<Page> {
  const context = await browser.newContext({ locale });
  const page = await context.newPage();
  world.watch(page);
  const answer = await page.goto(`${world.info.edge}${path}`);
  expect(answer!.status()).toBe(200);
  return page;
}

async function fillIn(page: Page, entries: Entries): Promise<void> {
  for (const [name, text] of Object.entries(entries)) {
    await page.locator(`[name="${name}"]`).fill(text);
  }
}

async function declared(world: World, contract: string): Promise<Row[]> {
  const sql = `SELECT declaration.*, notice.kind AS told, notice.customer, notice.content AS notice
    FROM declaration LEFT JOIN notice ON notice.id = 'declaration:' || declaration.id
    WHERE json_extract(declaration.content, '$.contract') = '${contract}'`;
  return queryD1(world.info, sql);
}

/** What the form posts, as a browser sends it. */
function post(world: World, path: string, fields: Record<string, string>, headers = {}) {
  return fetch(`${world.info.edge}${path}`, {
    method: "POST",
    headers: { origin: world.info.edge, ...headers },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}

const token = (byte: number) => Buffer.alloc(32, byte).toString("base64url");

test("who is not signed in cancels, keeps the receipt, and is recorded once", async ({
  world,
  browser,
}) => {
  world.expectConsole(BAD_REQUEST);
  const page = await openForm(world, browser, "/cancel", "de-DE");
  await expect(page.locator("h1")).toHaveText("Verträge hier kündigen");
  expect(await page.locator("script").count()).toBe(0);
  const contract = `Studio ${crypto.randomUUID()}`;
  await fillIn(page, { name: "Ada <b>Löw</b>", contract });
  await page.getByLabel("wichtigem Grund").check();
  await page.getByRole("button", { name: "jetzt kündigen" }).click();

  // Neither an address nor a number, and no cause: the form comes back with what was written.
  await expect(page.locator(".fault")).toHaveCount(3);
  await expect(page.locator('[name="contract"]')).toHaveValue(contract);
  expect(await axeViolations(page, "main")).toEqual([]);
  await fillIn(page, { number: "K-1" });
  await page.locator('[name="cause"]').fill("Drei Tage\nohne Dienst");
  await page.getByRole("button", { name: "jetzt kündigen" }).click();

  await expect(page.locator("dl.receipt")).toContainText("dcl_");
  await expect(page.locator("dl.receipt")).toContainText("Ada <b>Löw</b>");
  expect(await axeViolations(page, "main")).toEqual([]);
  const id = await page.locator("dl.receipt dd").first().innerText();
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Bestätigung speichern" }).click();
  const file = await saving;
  expect(file.suggestedFilename()).toBe(`${id}.txt`);
  const chunks: Buffer[] = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
  const receipt = Buffer.concat(chunks).toString("utf8");
  for (const text of await page.locator("dl.receipt dd").allInnerTexts()) {
    expect(receipt).toContain(text.replace("\n", " "));
  }

  // Saving sent the form again: still one declaration, one notice, nobody's customer.
  const [row, ...more] = await declared(world, contract);
  expect(more).toEqual([]);
  expect(row).toMatchObject({ id, kind: "extraordinary", closed_at_ms: null });
  expect(row).toMatchObject({ told: "declaration", customer: "" });
  expect(JSON.parse(row!.content as string)).toMatchObject({ number: "K-1", email: null });
  expect(JSON.parse(row!.notice as string)).toMatchObject({ declaration: id, language: "de" });
  expect(JSON.parse(row!.notice as string).receipt).toBe(receipt);
  await page.context().close();
});

test("a contract is taken back on a page of its own, in another language", async ({
  world,
  browser,
}) => {
  const page = await openForm(world, browser, "/withdraw", "ar-EG");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  const contract = `Game ${crypto.randomUUID()}`;
  await fillIn(page, { name: "Ada", email: "ada@example.com", contract });
  await expect(page.locator('[name="end_date"]')).toBeHidden();
  expect(await axeViolations(page, "main")).toEqual([]);
  await page.locator("form.card button").click();
  await expect(page.locator("dl.receipt")).toContainText("dcl_");
  const [row] = await declared(world, contract);
  expect(row).toMatchObject({ kind: "withdrawal", told: "declaration" });
  await page.context().close();
});

test("only our own form, of a bearable size, and the same form once", async ({ world }) => {
  const contract = `API ${crypto.randomUUID()}`;
  const form = { token: token(1), kind: "ordinary", name: "Ada", number: "1", contract };
  const fields = { ...form, end: "earliest" };
  for (const origin of ["https://evil.example", "null"]) {
    const refused = await post(world, "/cancel", fields, { origin });
    expect(refused.status, origin).toBe(403);
    expect(refused.headers.get("content-type")).toContain("text/html");
  }
  const huge = await post(world, "/cancel", { ...fields, cause: "x".repeat(33 * 1024) });
  expect(huge.status).toBe(413);
  expect((await post(world, "/cancel", { ...fields, token: "short" })).status).toBe(400);
  expect(await declared(world, contract), "nothing of that was recorded").toEqual([]);

  const answers = await Promise.all([1, 2].map(() => post(world, "/cancel", fields)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const [first, second] = await Promise.all(answers.map((answer) => answer.text()));
  expect(first).toBe(second);
  expect(answers[0]!.headers.get("content-security-policy")).toContain("form-action 'self'");
  const corrected = await post(world, "/cancel", { ...fields, name: "Ada Löw" });
  expect(corrected.status).toBe(200);
  expect(await declared(world, contract), "another name is another one").toHaveLength(2);
});

test("what nobody deals with for a day is told in the log", async ({ world }) => {
  const old = Date.now() - 30 * HOUR_MS;
  const id = `dcl_${crypto.randomUUID()}`;
  await queryD1(
    world.info,
    `INSERT INTO declaration (id, merchant, kind, content, received_at_ms)
      VALUES ('${id}', 'demo', 'ordinary', '{}', ${old})`,
  );
  const run = await fetch(`${world.info.edge}${CRON}`);
  expect(run.status).toBe(200);
  const log = () => readFile(join(world.info.state_dir!, "logs", "edge.log"), "utf8");
  await expect.poll(log).toContain("declarations wait for somebody");
  const closed = `UPDATE declaration SET closed_at_ms = ${Date.now()} WHERE id = '${id}'`;
  await queryD1(world.info, closed);
});
