/** What operators look at: the read model in D1, and the inbox that the janitor works off. */
import { CRON, accountHolds, queryD1, type Row } from "./lib/disk.ts";
import { newEvent } from "./lib/events.ts";
import { CARDS } from "./lib/widget.ts";
import { expect, test, type World } from "./lib/world.ts";

// A query starts wrangler, which takes seconds.
const POLL = { timeout: 80_000, intervals: [500] };

/** The customer's row once it fits; every look at it is a look from outside, through wrangler. */
async function rowOnceItFits(world: World, sql: string, wanted: Row): Promise<Row> {
  let row: Row | undefined;
  const read = async () => ([row] = await queryD1(world.info, sql))[0];
  await expect.poll(read, POLL).toMatchObject(wanted);
  return row!;
}

test("a recovery is told to the read model", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const { customer, invoice } = declined;
  const sql = `SELECT account_view.version AS account_version, account_view.state AS account,
      access, open_cases, recovery.*
    FROM account_view JOIN recovery USING (merchant, customer) WHERE invoice = '${invoice}'`;
  const before = { customer, account: "open", access: "warn", open_cases: 1 };
  const open = await rowOnceItFits(world, sql, { ...before, closed_at_ms: null });

  const widget = await world.openHost(customer);
  await widget.payWith(CARDS.works);
  await widget.expectScreen("recovered");
  const charge = await world.expectPaidOnce(declined);
  const attempts = await world.attempts(declined);
  const after = { customer, account: "clear", access: "full", open_cases: 0 };
  const row = await rowOnceItFits(world, sql, { ...after, state: "recovered" });
  expect(row).toMatchObject({
    merchant: "demo",
    amount_due_minor: charge.amount,
    currency: charge.currency,
    decline: "expired",
    recovered_by: "method_update",
    attempts: attempts.filter(({ idempotency_key }) => idempotency_key !== null).length,
    opened_at_ms: open.opened_at_ms,
  });
  expect(row.version).toBe(row.account_version);
  expect(row.version).toBeGreaterThan(open.version as number);
  expect(row.closed_at_ms).toBeGreaterThan(row.opened_at_ms as number);
});

test("the janitor finds the owner of an event that names only a charge", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const [charge] = await world.sandbox.ledger(customer);
  const dispute = { object: "dispute", amount: 1900, currency: "eur", status: "needs_response" };
  const owned = newEvent("charge.dispute.created", { ...dispute, id: "dp_1", charge: charge!.id });
  const stray = newEvent("charge.dispute.created", { ...dispute, id: "dp_2", charge: "ch_nobody" });
  const strange = newEvent("account.unheard_of", { id: "acct_1", object: "account" });
  for (const event of [owned, owned, stray, strange]) {
    const answer = await world.edge.webhook(JSON.stringify(event));
    expect(answer.body).toEqual({ received: true });
  }
  const ids = [owned, stray, strange].map(({ id }) => id);
  const list = ids.map((id) => `'${id}'`).join();
  const inbox = async () => {
    const rows = await queryD1(world.info, `SELECT * FROM inbox WHERE event IN (${list})`);
    expect(rows).toHaveLength(ids.length);
    return Object.fromEntries(rows.map(({ event, kind, status }) => [event, [kind, status]]));
  };
  expect(await inbox()).toEqual({
    [owned.id]: ["charge.dispute.created", "waiting"],
    [stray.id]: ["charge.dispute.created", "waiting"],
    [strange.id]: ["account.unheard_of", "recorded"],
  });
  expect(await accountHolds(world.info, customer, owned.id), "not with its owner yet").toBe(false);

  expect((await fetch(world.info.edge + CRON)).status).toBe(200);
  await expect.poll(inbox, POLL).toEqual({
    [owned.id]: ["charge.dispute.created", "done"],
    [stray.id]: ["charge.dispute.created", "recorded"],
    [strange.id]: ["account.unheard_of", "recorded"],
  });
  expect(await accountHolds(world.info, customer, owned.id), "with its owner").toBe(true);
  expect(await accountHolds(world.info, customer, stray.id), "nobody's").toBe(false);
  await world.expectState(customer, "action_needed");
  await world.expectUnpaid(declined);
});

test("the janitor knocks once at an account that has something open and no wake", async ({
  world,
}) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const sql = `SELECT knocked_at_ms, open_cases FROM account_view WHERE customer = '${customer}'`;
  await rowOnceItFits(world, sql, { open_cases: 1, knocked_at_ms: null });
  const long_ago = "wake_at_ms = NULL, projected_at_ms = 1, knocked_at_ms = NULL";
  await queryD1(world.info, `UPDATE account_view SET ${long_ago} WHERE customer = '${customer}'`);
  expect((await fetch(world.info.edge + CRON)).status).toBe(200);
  const [first] = await queryD1(world.info, sql);
  expect(first!.knocked_at_ms).toBeGreaterThan(1);
  expect((await fetch(world.info.edge + CRON)).status).toBe(200);
  expect((await queryD1(world.info, sql))[0], "it rests for a while").toEqual(first);
  await world.expectUnpaid(declined);
});
