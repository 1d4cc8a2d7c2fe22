/** One call for many links: whose they are, what happens to each, and when none is made. */
import { queryD1 } from "./lib/disk.ts";
import { Links, onAnotherDevice, openLink } from "./lib/links.ts";
import { expect, test, type World } from "./lib/world.ts";

const LINKS_MAX = 100;

async function errorOf(answer: Response): Promise<{ code: string; message: string }> {
  expect(answer.status).toBe(400);
  return (await answer.json()).error;
}

async function linkCount(world: World, customer: string): Promise<number> {
  const query = `SELECT count(*) AS n FROM link WHERE customer = '${customer}'`;
  return Number((await queryD1(world.info, query))[0]!.n);
}

test("two customers open theirs, the one taken back is gone, the fourth still works", async ({
  world,
  browser,
}) => {
  const links = new Links(world.info);
  const [ada, bob] = [
    await world.newDeclinedCustomer({ amount_minor: 1900 }),
    await world.newDeclinedCustomer({ amount_minor: 4200 }),
  ];
  const wanted = [ada, bob, ada, bob].map(({ customer }) => ({ customer }));
  const made = await links.make(...wanted);
  expect(made.map(({ customer }) => customer)).toEqual(wanted.map(({ customer }) => customer));
  const [forAda, forBob, adaAgain, bobAgain] = made as [
    (typeof made)[0], (typeof made)[0], (typeof made)[0], (typeof made)[0],
  ];
  expect((await links.revoke(adaAgain.id)).status).toBe(204);

  const page = await openLink(world, forAda);
  await page.proceed();
  await page.widget.expectScreen("banner");
  await expect(page.widget.part("banner")).toContainText("€19");
  await onAnotherDevice(world, browser, async (other) => {
    const theirs = await openLink(world, forBob, other);
    await theirs.proceed();
    await theirs.widget.expectScreen("banner");
    await expect(theirs.widget.part("banner")).toContainText("€42");
    await theirs.widget.payWith("4242424242424242");
    await theirs.widget.expectScreen("recovered");
  });
  await world.expectPaidOnce(bob);
  await world.expectUnpaid(ada);

  expect((await links.session(adaAgain.url)).status).toBe(404);
  expect((await links.session(bobAgain.url)).status, "not touched by the others").toBe(200);
  // Taking one back does not take back what another one opened.
  await page.widget.payWith("4242424242424242");
  await page.widget.expectScreen("recovered");
  await world.expectPaidOnce(ada);
});

test("one row that cannot be used: none is made, and the error names the row", async ({
  world,
}) => {
  const links = new Links(world.info);
  const customer = `cus_bulk${Date.now()}`;
  const good = { customer };
  const bad: [unknown, RegExp][] = [
    [{ customer: "a/b" }, /^Row 2: .*customer/],
    [{ customer: "" }, /^Row 2: .*customer/],
    [{ customer, expires_in_s: 299 }, /^Row 2: .*300 to 2592000/],
    [{ customer, expires_in_s: 2_592_001 }, /^Row 2: .*300 to 2592000/],
    [{ customer, mode: "both" }, /not a list of links/],
    [{}, /not a list of links/],
    ["cus_1", /not a list of links/],
    [null, /not a list of links/],
  ];
  for (const [row, words] of bad) {
    const error = await errorOf(await links.post({ links: [good, row, good] }));
    expect(error.message, JSON.stringify(row)).toMatch(words);
    expect(error.message).not.toContain(customer);
  }
  expect(await linkCount(world, customer)).toBe(0);
});

test("a hundred at once, and one more than that is refused in plain words", async ({ world }) => {
  const links = new Links(world.info);
  const customer = `cus_many${Date.now()}`;
  const rows = (count: number) => ({ links: Array.from({ length: count }, () => ({ customer })) });
  for (const count of [0, LINKS_MAX + 1]) {
    const error = await errorOf(await links.post(rows(count)));
    expect(error.message).toBe("One call makes from 1 to 100 links.");
  }
  expect(await linkCount(world, customer)).toBe(0);
  const answer = await links.post(rows(LINKS_MAX));
  expect(answer.status).toBe(201);
  const { links: made } = await answer.json();
  expect(new Set(made.map(({ url }: { url: string }) => url)).size).toBe(LINKS_MAX);
  expect(await linkCount(world, customer)).toBe(LINKS_MAX);
  // Too large to be a hundred of anything.
  const large = await links.post({ links: [{ customer: "c".repeat(70_000) }] });
  expect(large.status).toBe(413);
});
