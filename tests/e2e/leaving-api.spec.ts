/**
 * Leaving by the API alone: what is refused and with which code, whose law a stranger's country
 * brings, and what the read model keeps of it for the operator's question what offers do.
 */
import { readFile } from "node:fs/promises";
import { CancelDialog } from "./lib/cancel.ts";
import { queryD1, type Row } from "./lib/disk.ts";
import { Links } from "./lib/links.ts";
import { newSubscriber } from "./lib/subscriber.ts";
import type { ErrorBody } from "./lib/types.ts";
import { expect, test, type World } from "./lib/world.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const POLL = { timeout: 80_000, intervals: [500] };
/** One in ten customers never sees an offer; so many are tried to find one of either kind. */
const CUSTOMERS_TRIED_MAX = 80;
const AT_ONCE = 10;
/** By then a reading is newer than the events of a subscription's first second. */
const SETTLED_MS = 7_000;
const OPERATE = new URL("../../docs/operate.md", import.meta.url);

interface View {
  id: string;
  state: string;
  step: string;
  offers: { name: string }[];
  profile: { jurisdiction: string; found_by: string; confirm_label: string };
  subscription: { id: string; withdraw_until_ms: number | null };
}

class Leaver {
  readonly world: World;
  readonly customer: string;

  constructor(world: World, customer: string) {
    this.world = world;
    this.customer = customer;
  }

  post<T = View & ErrorBody>(path: string, body: unknown = {}, more = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return this.world.edge.call<T>(this.customer, `/v1/cancellations${path}`, {
      method: "POST",
      body: text,
      ...more,
    });
  }

  async begin(body: unknown = {}): Promise<View> {
    const answer = await this.post("", body);
    expect(answer.status).toBe(200);
    return answer.body;
  }
}

test("what is refused is refused with its code, and nobody leaves by it", async ({ world }) => {
  const { customer, subscription } = await newSubscriber(world);
  const ada = new Leaver(world, customer);
  const bob = new Leaver(world, (await newSubscriber(world)).customer);
  const { id } = await ada.begin();
  const code = async (sent: ReturnType<Leaver["post"]>) => {
    const { status, body } = await sent;
    return [status, body.error?.code];
  };
  for (const way of ["/confirm", "/undo", "/answer", "/offers/pause/accept"]) {
    // What is not read would end the connection.
    const answer = way === "/answer" ? { from: "survey", answer: "reason" } : "";
    expect(await code(bob.post(`/${id}${way}`, answer)), way).toEqual([404, "not_found"]);
    const none = { token: null };
    expect(await code(ada.post(`/${id}${way}`, answer, none))).toEqual([401, "token_missing"]);
    const old = { token: world.edge.expiredToken(customer) };
    expect(await code(ada.post(`/${id}${way}`, answer, old))).toEqual([401, "token_expired"]);
    const evil = { origin: "https://evil.example" };
    expect(await code(ada.post(`/${id}${way}`, answer, evil))).toEqual([403, "origin_not_allowed"]);
  }
  const huge = { from: "feedback", answer: "feedback", text: "x".repeat(17 * 1024) };
  expect(await code(ada.post(`/${id}/answer`, huge))).toEqual([413, "body_too_large"]);
  for (const odd of ["[", "7", '{"from":"attic","answer":"stay"}', '{"from":"survey"}']) {
    expect(await code(ada.post(`/${id}/answer`, odd)), odd).toEqual([400, "malformed"]);
  }
  expect(await code(ada.post("", { kind: "perhaps" }))).toEqual([400, "malformed"]);
  expect(await code(bob.post("", { subscription }))).toEqual([404, "not_found"]);
  expect(await code(ada.post("/ccl_0000000000000000/confirm", ""))).toEqual([404, "not_found"]);
  expect(await code(ada.post("/..%2Fx/confirm", ""))).toEqual([404, "not_found"]);
  expect(await code(ada.post(`/${id}/undo`, ""))).toEqual([409, "wrong_state"]);
  expect(await code(ada.post(`/${id}/offers/pause/accept`))).toEqual([409, "wrong_state"]);
  expect(await code(ada.post("", { kind: "withdrawal" }))).toEqual([409, "wrong_state"]);
  const live = await world.sandbox.get(`subscriptions/${subscription}`);
  expect(live).toMatchObject({ status: "active", cancel_at_period_end: false });
});

test("without a billing address the country of the request decides", async ({ world }) => {
  const { customer } = await newSubscriber(world, {});
  const view = await new Leaver(world, customer).begin();
  // The platform always guesses one; which one depends on where the tests run.
  expect(view.profile.found_by).toBe("request_country");
  expect(view.profile.jurisdiction).toMatch(/^(de|eu|gb|us_ca|us|kr|tr|jp|elsewhere)$/);
});

test("a young contract is taken back where that is law, and ends at once", async ({ world }) => {
  const { customer, subscription } = await newSubscriber(world, { country: "FR" });
  const list = await world.edge.call<{ subscriptions: View["subscription"][] }>(
    customer,
    "/v1/subscriptions",
  );
  const until = list.body.subscriptions[0]!.withdraw_until_ms!;
  expect(until).toBeGreaterThan(Date.now() + 13 * DAY_MS);
  expect(until).toBeLessThan(Date.now() + 15 * DAY_MS);
  const ada = new Leaver(world, customer);
  const view = await ada.begin({ kind: "withdrawal" });
  expect(view).toMatchObject({ step: "confirm", profile: { confirm_label: "withdraw.confirm" } });
  const done = await ada.post<any>(`/${view.id}/confirm`, "");
  expect(done.body).toMatchObject({ step: "done", kind: "withdrawal", undo_until_ms: null });
  const kind = done.body.receipt.lines.find((line: any) => line.key === "receipt.kind");
  expect(kind.value).toEqual({ word: "receipt.kind.withdrawal" });
  const status = async () => (await world.sandbox.get(`subscriptions/${subscription}`)).status;
  await expect.poll(status).toBe("canceled");
  const told = `SELECT kind FROM notice WHERE customer = '${customer}' ORDER BY kind`;
  const kinds = async () => (await queryD1(world.info, told)).map((row) => row.kind);
  await expect.poll(kinds, POLL).toEqual(["receipt", "win_back"]);
});

/** Goes past the survey; who is held out is asked for a word next. */
async function pastTheSurvey(ada: Leaver): Promise<View> {
  const { id } = await ada.begin();
  const answer = { from: "survey", answer: "reason", reason: "unused" };
  return (await ada.post<View>(`/${id}/answer`, answer)).body;
}

/** One customer on the screen with an offer, and one who was held out. */
async function oneOfEach(world: World) {
  const found = new Map<string, { ada: Leaver; view: View }>();
  for (let tried = 0; tried < CUSTOMERS_TRIED_MAX; tried += AT_ONCE) {
    const several = Array.from({ length: AT_ONCE }, () => newSubscriber(world));
    const customers = await Promise.all(several);
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
    for (const { customer } of customers) {
      const ada = new Leaver(world, customer);
      const view = await pastTheSurvey(ada);
      if (!found.has(view.step)) found.set(view.step, { ada, view });
      const [shown, held] = [found.get("offer"), found.get("feedback")];
      if (shown !== undefined && held !== undefined) return { shown, held };
    }
  }
  throw new Error(`not one of each among ${CUSTOMERS_TRIED_MAX} customers`);
}

test("offers shown, taken and held back reach the read model", async ({ world }) => {
  const { shown, held } = await oneOfEach(world);
  const name = shown.view.offers[0]!.name;
  const taken = await shown.ada.post<View>(`/${shown.view.id}/offers/${name}/accept`);
  expect(taken.body.state).toBe("kept");
  await held.ada.post(`/${held.view.id}/confirm`, "");
  const read = async ({ view }: { view: View }): Promise<Row> => {
    const sql = `SELECT * FROM cancellation WHERE id = '${view.id}'`;
    return (await queryD1(world.info, sql))[0] ?? {};
  };
  const once = (of: { view: View }, wanted: Row) =>
    expect.poll(() => read(of), POLL).toMatchObject(wanted);
  await once(shown, { state: "kept", held_out: 0, accepted: name, reason: "unused" });
  await once(held, { state: "canceled", held_out: 1, accepted: null, offers: "[]" });
  const offers = JSON.parse((await read(shown)).offers as string);
  expect(offers).toEqual([{ offer: name, propensity_ppm: expect.any(Number) }]);
});

test("the operator's question what offers do is answered", async ({ world }) => {
  const text = await readFile(OPERATE, "utf8");
  const after = text.slice(text.indexOf("## What offers do"));
  const sql = /--command \\\n {2}"([^"]+)"/.exec(after)![1]!;
  const began = Date.now() - 60 * DAY_MS;
  /** Who, held out, state, what was accepted, and on which day the subscription ended. */
  const rows: [string, number, string, string | null, number | null][] = [
    ["a", 0, "kept", "half", null],
    ["b", 0, "kept", "half", 10],
    ["c", 0, "ended", null, 5],
    ["d", 0, "kept", null, 40],
    ["e", 1, "ended", null, 5],
    ["f", 1, "lapsed", null, null],
  ];
  const text_of = (value: string | null) => (value === null ? "NULL" : `'${value}'`);
  const values = rows.map(([who, held_out, state, accepted, day]) => {
    const ended = day === null ? "NULL" : String(began + day * DAY_MS);
    const offers = held_out === 1 ? "[]" : '[{"offer":"half","propensity_ppm":900000}]';
    return `('question', '${who}', 'ccl_${who}', 'sub_${who}', 1, 'ordinary', '${state}', 'us',
      'default', 1, ${held_out}, '${offers}', ${text_of(accepted)}, ${began}, ${ended})`;
  });
  const columns = `merchant, customer, id, subscription, version, kind, state, jurisdiction,
    segment, policy_version, held_out, offers, accepted, started_at_ms, subscription_ended_at_ms`;
  await queryD1(world.info, `INSERT INTO cancellation (${columns}) VALUES ${values.join(", ")}`);
  const percent = "still_there_after_30_days_percent";
  expect(await queryD1(world.info, sql)).toEqual([
    { who: "shown", customers: 4, took_an_offer: 2, [percent]: 50 },
    { who: "held out", customers: 2, took_an_offer: 0, [percent]: 50 },
  ]);
  await queryD1(world.info, "DELETE FROM cancellation WHERE merchant = 'question'");
});

test("a link's page leads to pauses, out, and back out of a young contract", async ({ world }) => {
  const { customer } = await newSubscriber(world, { country: "FR" });
  const { url } = await new Links(world.info).makeOne({ customer });
  const page = await world.newPage();
  await page.goto(url);
  const withdraw = page.locator('[data-reprieve="withdraw"]');
  await expect(withdraw, "nobody knows yet who this is").toBeHidden();
  const dialog = new CancelDialog(page);
  await dialog.press(page.locator("[data-manage]"));
  await dialog.expectScreen("manage");
  await expect(dialog.choice("Withdraw from contract here")).toBeVisible();
  await dialog.close();
  await dialog.press(withdraw);
  await dialog.expectScreen("confirm");
  await expect(dialog.wayOut).toHaveText("Confirm withdrawal");
  await dialog.dialog.locator('[data-reprieve="question"]').click();
  const person = page.locator('[data-reprieve-dialog="question"]').getByRole("link");
  await expect(person).toHaveAttribute("href", "mailto:help@fernly.example");
  await page.keyboard.press("Escape");
  await expect(person).toHaveCount(0);
  await dialog.close();
});
