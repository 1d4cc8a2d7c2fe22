/** What must never be written down or told: keys, client secrets, customer tokens, card numbers. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CARDS } from "./widget.ts";

const SECRETS: [string, RegExp][] = [
  ["a client secret", /(?:seti|pi)_[A-Za-z0-9]+_secret_[A-Za-z0-9]+/],
  ["a secret key", /sk_(?:test|live)_[A-Za-z0-9_]+/],
  ["a webhook secret", /whsec_[A-Za-z0-9_]+/],
  ["a token key", /local-stack-customer-token-key[a-z-]*/],
  ["a merchant key", /local-stack-merchant-key[a-z-]*/],
  ["a customer token", /eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/],
  ["a card number", new RegExp(Object.values(CARDS).join("|"))],
];

/** Names the secrets in a text, each with its first letters only. */
export function secretsIn(text: string): string[] {
  return SECRETS.flatMap(([name, pattern]) => {
    const found = pattern.exec(text)?.[0];
    return found === undefined ? [] : [`${name} (${found.slice(0, 8)}…)`];
  });
}

/**
 * Searches the logs of a stopped stack and everything that its edge stored. Wrangler's own debug
 * log is left out: it records how the simulator itself works.
 */
export async function filesWithSecrets(stateDir: string): Promise<string[]> {
  const logs = await filesBelow(join(stateDir, "logs"));
  const stored = await filesBelow(join(stateDir, "edge", "state"));
  const searched = [...logs.filter((path) => !path.includes("/wrangler/")), ...stored];
  if (searched.length === 0) throw new Error(`nothing to search in ${stateDir}`);
  const found: string[] = [];
  for (const path of searched) {
    for (const secret of secretsIn(await readFile(path, "latin1"))) {
      found.push(`${path.slice(stateDir.length + 1)}: ${secret}`);
    }
  }
  return found;
}

async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  // `path` is what older versions of Node call the parent's path.
  return entries.filter((it) => it.isFile()).map((it) => join(it.parentPath ?? it.path, it.name));
}
