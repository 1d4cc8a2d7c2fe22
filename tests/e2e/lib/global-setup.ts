/** Starts the stack that all tests share and hands its addresses to the workers. */
import { Stack } from "./stack.ts";

const BASE_PORT_DEFAULT = 8800;

/** First port of the shared stack's block; the crash tests use the block 100 higher. */
export function basePort(): number {
  return Number(process.env.REPRIEVE_E2E_BASE_PORT ?? BASE_PORT_DEFAULT);
}

export default async function globalSetup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.REPRIEVE_STACK_JSON !== undefined) return undefined;
  const stack = await Stack.launch(basePort());
  process.env.REPRIEVE_STACK_JSON = JSON.stringify(stack.info);
  return async () => {
    delete process.env.REPRIEVE_STACK_JSON;
    await stack.stop();
  };
}
