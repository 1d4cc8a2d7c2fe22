/** What the edge wrote to disk: the read model in D1 and the customers' own Accounts. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { StackInfo } from "./types.ts";

const REPOSITORY = fileURLToPath(new URL("../../../", import.meta.url));
const WRANGLER = join(REPOSITORY, "tests/node_modules/.bin/wrangler");
const QUERY_TIMEOUT_MS = 60_000;
const QUERIES_MAX = 5;

/** The address that makes the janitor run now. */
export const CRON = "/__scheduled?cron=*/5+*+*+*+*";

export type Row = Record<string, string | number | null>;

function stateOf(info: StackInfo): string {
  if (info.state_dir !== undefined) return join(info.state_dir, "edge");
  throw new Error("this test reads the stack's disk, so it must have been started by the tests");
}

/**
 * Rows of one query against the local D1 database, which the Worker may be writing to. Two programs
 * have the file open, and which of them waits is not ours to say: what failed is tried again, so a
 * statement must be one that may be repeated.
 */
export async function queryD1(info: StackInfo, sql: string): Promise<Row[]> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await executeD1(info, sql);
    } catch (error) {
      if (tried >= QUERIES_MAX) throw error;
    }
  }
}

/** One reading, as `wrangler d1 execute` tells it. */
async function executeD1(info: StackInfo, sql: string): Promise<Row[]> {
  const edge = stateOf(info);
  const query = ["d1", "execute", "reprieve", "--local", "--json", "--command", sql];
  const { stdout } = await promisify(execFile)(
    WRANGLER,
    [...query, "--persist-to", join(edge, "state")],
    {
      cwd: join(REPOSITORY, "edge"),
      timeout: QUERY_TIMEOUT_MS,
      env: {
        ...process.env,
        CI: "true",
        WRANGLER_SEND_METRICS: "false",
        WRANGLER_HIDE_BANNER: "true",
        WRANGLER_LOG_PATH: join(info.state_dir!, "logs", "wrangler"),
        WRANGLER_REGISTRY_PATH: join(edge, "registry"),
        TMPDIR: join(edge, "tmp"),
      },
    },
  );
  return JSON.parse(stdout)[0].results;
}

/** Files come and go while the runtime writes; what went away meanwhile is looked for again. */
const READS_MAX = 5;

/**
 * True if the Account of `customer` holds `text`. Its SQLite file is searched as bytes: short
 * texts lie in it in one piece, and the tests need no database library for this.
 */
export async function accountHolds(
  info: StackInfo,
  customer: string,
  text: string,
): Promise<boolean> {
  const folder = join(stateOf(info), "state", "v3", "do", "reprieve-AccountObject");
  for (let reads = 1; ; reads += 1) {
    try {
      for (const bytes of await objectsIn(folder)) {
        if (bytes.includes(customer) && bytes.includes(text)) return true;
      }
      return false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || reads === READS_MAX) throw error;
    }
  }
}

/** What each object has on the disk, its log of changes included. */
async function objectsIn(folder: string): Promise<Buffer[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith("metadata"));
  const objects = [...new Set(names.map((name) => name.slice(0, name.indexOf("."))))];
  const read = async (object: string) => {
    const files = names.filter((name) => name.startsWith(object));
    return Buffer.concat(await Promise.all(files.map((name) => readFile(join(folder, name)))));
  };
  return Promise.all(objects.map(read));
}
