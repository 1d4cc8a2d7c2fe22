// Every oracle, one after the other: `node run.mjs BIN PYTHON`, called by `cargo xtask oracles`.
// BIN is the directory of reprieve-oracles and reprieve-sandbox, PYTHON an interpreter with the
// packages of requirements.txt. Ends with status 1 when one disagrees.

import { join } from "node:path";
import { endpoint, reprieve, run, sandbox } from "./lib.mjs";
import { check as localstripe } from "./localstripe/check.mjs";
import { tell } from "./stripe/scenario.mjs";
import { check as shapes } from "./stripe/shapes.mjs";
import { SECRET, check as signatures } from "./stripe/signatures.mjs";
import { check as types } from "./stripe/types.mjs";

const [bin, python] = process.argv.slice(2);
const directory = new URL(".", import.meta.url);
const context = { bin, python, directory };

let failed = 0;

/** Runs one oracle and says in one line how it went. */
async function step(name, work) {
  const begun = performance.now();
  const line = (text) => {
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`oracles: ${name.padEnd(12)} ${seconds.padStart(5)} s  ${text}`);
  };
  try {
    line(await work());
  } catch (error) {
    failed += 1;
    line("DISAGREES");
    console.error(error?.message ?? error);
  }
}

async function reattempt() {
  const input = await run(join(bin, "reprieve-oracles"), ["reattempt"]);
  const script = new URL("reattempt/compare.mjs", directory).pathname;
  return (await run(process.execPath, [script], { input })).trim();
}

await step("reattempt", reattempt);
const hook = await endpoint();
const box = await sandbox(bin, { webhookUrl: hook.url, secret: SECRET });
try {
  let answers;
  await step("npm stripe", async () => {
    const told = await tell(box.api);
    answers = told.answers;
    return `a story of ${told.events} events, ${Object.keys(answers).length} kinds of answers`;
  });
  await step("PyPI stripe", async () => {
    const script = new URL("python/scenario.py", directory).pathname;
    const kinds = await run(python, [script, box.api.href]);
    return `a renewal recovered, ${kinds.trim()} kinds of events`;
  });
  await step("signatures", async () => {
    const count = await signatures(context, box, hook);
    return `${count} headers, three verifiers agree`;
  });
  await step("types", async () => {
    const events = (await reprieve(bin, "events")).map(({ event }) => event);
    const found = types({ requests: await reprieve(bin, "requests"), events, answers });
    return `${found.requests} requests, ${found.events} events, ${found.answers} answers`;
  });
  await step("shapes", async () => {
    return `${await shapes(bin, answers, hook.deliveries)} objects and events read`;
  });
} finally {
  await box.end();
  await hook.end();
}
await step("localstripe", () => localstripe(context));
process.exitCode = failed === 0 ? 0 : 1;
