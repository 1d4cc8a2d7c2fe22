/**
 * Starts the stack that all tests share and hands its addresses to the workers. Everything that the
 * run and its programs (browsers, Miniflare, wrangler) put aside for a moment lies in one folder,
 * which goes with it: what is killed in the middle takes nothing away itself.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "./stack.ts";

const BASE_PORT_DEFAULT = 8800;

/** First port of the shared stack's block; other stacks use blocks 50 and 100 higher. */
export function basePort(): number {
  return Number(process.env.REPRIEVE_E2E_BASE_PORT ?? BASE_PORT_DEFAULT);
}

export default async function globalSetup(): Promise<() => Promise<void>> {
  const outside = process.env.TMPDIR;
  const folder = await mkdtemp(join(tmpdir(), "reprieve-run-"));
  process.env.TMPDIR = folder;
  const tidy = async () => {
    if (outside === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = outside;
    if (process.env.REPRIEVE_E2E_KEEP !== undefined) return;
    await rm(folder, { recursive: true, force: true });
  };
  if (process.env.REPRIEVE_STACK_JSON !== undefined) return tidy;
  let stack: Stack;
  try {
    stack = await Stack.launch(basePort());
  } catch (error) {
    await tidy();
    throw error;
  }
  process.env.REPRIEVE_STACK_JSON = JSON.stringify(stack.info);
  return async () => {
    delete process.env.REPRIEVE_STACK_JSON;
    try {
      await stack.stop();
    } finally {
      await tidy();
    }
  };
}
