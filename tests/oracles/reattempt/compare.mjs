// Our verdicts against those of npm @paynav/reattempt, case by case.
//
// Standard input: the lines of `reprieve-oracles reattempt`. Every difference must be one of those
// in known.json, in exactly the number that stands there; a difference that is not known, and a
// known one that is gone, end with status 1.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import {
  MASTERCARD_DECLINE_RULES,
  MASTERCARD_MAC,
  VISA_DECLINE_RULES,
  evaluateReattempt,
} from "@paynav/reattempt";

const EXAMPLES_MAX = 20;

const known = JSON.parse(readFileSync(new URL("known.json", import.meta.url), "utf8"));
const counts = new Map(known.map((difference) => [difference.id, 0]));
const seen = { visa: new Set(), mastercard: new Set(), mac: new Set() };
const surprises = [];
let cases = 0;
let agreed = 0;

/** Whether the difference is one of those described. */
function isKnown(difference, one, theirs) {
  const has = (list, value) => list === undefined || list.includes(value);
  return (
    has(difference.network, one.network) &&
    has(difference.context, one.context) &&
    has(difference.codes, one.code) &&
    has(difference.macs, one.mac) &&
    has(difference.histories, one.history) &&
    has(difference.ours, one.ours.why) &&
    has(difference.theirs, theirs.reason)
  );
}

/** The same answer: yes or no, and where both know a time, the same time. */
function agree(ours, theirs) {
  if (ours.allowed !== theirs.allowed) return false;
  const then = theirs.nextEligibleAt?.getTime() ?? null;
  return ours.allowed || ours.not_before === null || then === null || ours.not_before === then;
}

for await (const line of createInterface({ input: process.stdin })) {
  const one = JSON.parse(line);
  cases += 1;
  seen[one.network].add(one.code);
  seen.mac.add(one.mac);
  const theirs = evaluateReattempt({
    network: one.network,
    context: one.context,
    declineCode: one.code,
    merchantAdviceCode: one.mac === "" ? undefined : one.mac,
    attempts: one.attempts.map(({ at, code }) => ({ at, declineCode: code })),
    now: one.now,
  });
  if (agree(one.ours, theirs)) {
    agreed += 1;
    continue;
  }
  const found = known.find((difference) => isKnown(difference, one, theirs));
  if (found) counts.set(found.id, counts.get(found.id) + 1);
  else surprises.push({ one, theirs });
}

const problems = [];
for (const [name, theirs] of [
  ["visa", Object.keys(VISA_DECLINE_RULES)],
  ["mastercard", Object.keys(MASTERCARD_DECLINE_RULES)],
  ["mac", Object.keys(MASTERCARD_MAC)],
]) {
  const missing = theirs.filter((code) => !seen[name].has(code));
  if (missing.length > 0) problems.push(`${name}: no case for ${missing.join(" ")}`);
}
for (const difference of known) {
  const count = counts.get(difference.id);
  if (count !== difference.cases) {
    problems.push(`${difference.id}: ${count} cases differ, known are ${difference.cases}`);
  }
}
if (surprises.length > 0) {
  problems.push(`${surprises.length} differences that nobody knows`);
  for (const { one, theirs } of surprises.slice(0, EXAMPLES_MAX)) {
    const { network, context, code, mac, history, ours } = one;
    const then = theirs.nextEligibleAt?.toISOString() ?? "";
    problems.push(
      `  ${network} ${context} code ${code} advice ${mac || "-"}, ${history}: ` +
        `ours ${ours.why} ${ours.not_before ? new Date(ours.not_before).toISOString() : ""}, ` +
        `theirs ${theirs.reason} ${then}`,
    );
  }
}

console.log(`reattempt: ${cases} cases, ${agreed} agree, ${cases - agreed} differ`);
for (const problem of problems) console.error(`reattempt: ${problem}`);
process.exitCode = problems.length === 0 && cases > 0 ? 0 : 1;
