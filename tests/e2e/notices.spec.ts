/**
 * What the merchant's server is to tell customers: handed over with its key, the way back as a link
 * that is made there and then, and told once.
 */
import { type Link, Links, openLink } from "./lib/links.ts";
import { expect, test, type World } from "./lib/world.ts";

interface Notice {
  id: string;
  kind: string;
  customer: string;
  content: Record<string, unknown>;
  due_at_ms: number;
  link?: { id: string; url: string; expires_at_ms: number };
}

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;
const QUEUE_TIMEOUT_MS = 60_000;

const asMerchant = (world: World, key = world.info.merchant_key) => ({
  headers: { authorization: `Bearer ${key}` },
});

async function noticesOf(world: World, customer: string): Promise<Notice[]> {
  const answer = await new Links(world.info).send("/v1/notices", asMerchant(world));
  expect(answer.status).toBe(200);
  const { notices } = (await answer.json()) as { notices: Notice[] };
  return notices.filter((notice) => notice.customer === customer);
}

const sent = (world: World, id: string) =>
  new Links(world.info).send(`/v1/notices/${encodeURIComponent(id)}/sent`, {
    method: "POST",
    ...asMerchant(world),
  });

/** Somebody who is past due and leaves: it ends at once. */
async function newLeaver(world: World): Promise<string> {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const post = { method: "POST" as const };
  const begun = await world.edge.call<{ id: string }>(customer, "/v1/cancellations", post);
  expect(begun.status).toBe(200);
  const confirm = `/v1/cancellations/${begun.body.id}/confirm`;
  expect((await world.edge.call(customer, confirm, post)).status).toBe(200);
  await world.expectNothingPaid(declined);
  return customer;
}

test("a receipt and a way back wait for the merchant's server, and are told once", async ({
  world,
}) => {
  const customer = await newLeaver(world);
  const kinds = async () => (await noticesOf(world, customer)).map(({ kind }) => kind).sort();
  await expect.poll(kinds, { timeout: QUEUE_TIMEOUT_MS }).toEqual(["receipt", "win_back"]);

  const [first, again] = [await noticesOf(world, customer), await noticesOf(world, customer)];
  expect(again).toEqual(first);
  const receipt = first.find(({ kind }) => kind === "receipt")!;
  expect(receipt.link).toBeUndefined();
  const wayBack = first.find(({ kind }) => kind === "win_back")!;
  expect(wayBack.link!.expires_at_ms).toBe(wayBack.due_at_ms + THIRTY_DAYS_MS);
  expect(new URL(wayBack.link!.url).origin).toBe(new URL(world.info.edge).origin);

  const page = await openLink(world, wayBack.link as Link);
  await page.proceed();
  await page.expectView("clear");

  expect((await sent(world, receipt.id)).status).toBe(204);
  expect((await sent(world, receipt.id)).status).toBe(204);
  expect(await kinds()).toEqual(["win_back"]);
  const links = new Links(world.info);
  expect((await links.revoke(wayBack.link!.id)).status).toBe(204);
  await noticesOf(world, customer);
  const session = await links.session(wayBack.link!.url);
  expect(session.status, "a link that was taken back is not made again").toBe(404);
});

test("nobody else hears of it", async ({ world }) => {
  const links = new Links(world.info);
  const wrong = asMerchant(world, "x".repeat(40));
  expect((await links.send("/v1/notices", wrong)).status).toBe(401);
  expect((await links.send("/v1/notices")).status).toBe(401);
  expect((await sent(world, "nothing-of-that-name")).status).toBe(404);
  const told = await links.send("/v1/notices/x/sent", { method: "POST", ...wrong });
  expect(told.status).toBe(401);
});
