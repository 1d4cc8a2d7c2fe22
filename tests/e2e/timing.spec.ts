/** What ended attempts teach about their times: the janitor learns each lesson once. */
import { CRON, queryD1 } from "./lib/disk.ts";
import { expect, ownStackTest as test } from "./lib/world.ts";

const POLL = { timeout: 80_000, intervals: [500] };

/** Category, number of the attempt, hour, weekday, day of the month: as the core stores them. */
const choice = (hour: number) =>
  JSON.stringify({
    features: ["insufficient_funds", 1, hour, "friday", 13],
    arm: "learned",
    why: "ladder",
    propensity_ppm: 1_000_000,
  });

test("lessons become a model, and none teaches twice", async ({ world }) => {
  const lesson = (invoice: string, hour: number, success: number) =>
    `('demo', '${invoice}', 1, '${choice(hour)}', ${success}, ${hour})`;
  const lessons = [lesson("in_a", 9, 1), lesson("in_b", 10, 0), lesson("in_c", 11, 1)];
  const unreadable = "('demo', 'in_d', 1, 'not a choice', 1, 12)";
  await queryD1(
    world.info,
    `INSERT INTO timing_lesson (merchant, invoice, number, timing, is_success, ended_at_ms)
     VALUES ${[...lessons, unreadable].join(", ")}`,
  );
  const model = async () => {
    const rows = await queryD1(
      world.info,
      "SELECT version, record FROM timing_model WHERE merchant = 'demo'",
    );
    return rows.map(({ version, record }) => {
      const { v, outcomes, successes, cells } = JSON.parse(record as string);
      return { version, v, outcomes, successes, learned: cells.length };
    })[0];
  };
  for (const run of [1, 2]) {
    const answer = await fetch(`${world.info.edge}${CRON}`);
    expect(answer.ok, `run ${run}`).toBe(true);
    // Hours differ, the four other facts are the same: three and four numbers were learned.
    await expect.poll(model, POLL).toEqual({
      version: 1, v: 1, outcomes: 3, successes: 2, learned: 7,
    });
  }
  const waiting = "SELECT count(*) AS n FROM timing_lesson WHERE is_learned = 0";
  expect(await queryD1(world.info, waiting)).toEqual([{ n: 0 }]);
});
