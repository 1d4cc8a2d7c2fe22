/**
 * Serves the Worker with Miniflare itself: workerd, Durable Objects, D1, queues and assets on the
 * local disk, as `wrangler dev` has them, but without wrangler's own proxy in front. That proxy now
 * and then answers a request with 503 by itself; here a request reaches the Worker or nothing.
 *
 * Usage: node serve.mjs --config WRANGLER_TOML --port PORT --persist DIR [--var NAME=VALUE]…
 *
 * Prints one line when it serves, then what the Worker logs, and one line a request. Ends with
 * SIGTERM or SIGINT; killed outright it leaves nothing behind but its files below TMPDIR.
 */
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

const { values } = parseArgs({
  options: {
    config: { type: "string" },
    port: { type: "string" },
    persist: { type: "string" },
    var: { type: "string", multiple: true, default: [] },
  },
});
const config = unstable_readConfig({ config: values.config });
const folder = dirname(config.main);
const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
const given = values.var.map((pair) => {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
});

// Miniflare hands a scheduled event to the assets in front of the Worker, which know none; so the
// Worker takes it from a request, as behind `wrangler dev --test-scheduled`.
const ENTRY = `
import Worker from "./${basename(config.main)}";
export * from "./${basename(config.main)}";
export default class extends Worker {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/__scheduled") return super.fetch(request);
    const cron = searchParams.get("cron") ?? "";
    await super.scheduled({ cron, scheduledTime: Date.now(), noRetry() {} });
    return new Response("done");
  }
}`;

const show = (stream, target) => stream.on("data", (bytes) => target.write(bytes));
const miniflare = new Miniflare({
  host: "127.0.0.1",
  port: Number(values.port),
  // No look at who and where this machine is.
  cf: false,
  log: new Log(LogLevel.INFO),
  handleRuntimeStdio: (stdout, stderr) => {
    show(stdout, process.stdout);
    show(stderr, process.stderr);
  },
  defaultPersistRoot: join(values.persist, "v3"),
  workers: [
    {
      ...workerOptions,
      name: config.name,
      bindings: { ...workerOptions.bindings, ...Object.fromEntries(given) },
      modulesRoot: folder,
      modules: [
        { type: "ESModule", path: join(folder, "entry.mjs"), contents: ENTRY },
        { type: "ESModule", path: config.main },
        { type: "CompiledWasm", path: join(folder, "index_bg.wasm") },
      ],
    },
  ],
});

const stop = async () => {
  await miniflare.dispose();
  process.exit(0);
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
console.log(`the Worker serves at ${await miniflare.ready}`);
