/** What `cargo xtask build --keep` takes over from a Worker that runs, and what it refuses. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "./lib/world.ts";

const SCRIPT = fileURLToPath(new URL("../../xtask/keep-versions.mjs", import.meta.url));
const run = promisify(execFile);

interface Version {
  hash: string;
  files: string[];
}

const dist = () => {
  const dir = mkdtempSync(join(tmpdir(), "reprieve-versions-"));
  const read = (name: string) => readFileSync(join(dir, "v1", name));
  const list = () => JSON.parse(read("versions.json").toString()).versions as Version[];
  const keep = (origin: string) => run(process.execPath, [SCRIPT, origin, dir]);
  return { dir, read, list, keep };
};

test("all that is served is served on, byte for byte", async ({ world }) => {
  const { dir, read, list, keep } = dist();
  const { edge } = world.info;
  const served = await (await fetch(`${edge}/v1/versions.json`)).json();
  const first = await keep(edge);
  expect(first.stdout).toContain(`kept ${served.versions[0].hash}`);
  expect(list()).toEqual(served.versions);
  const names: string[] = [];
  for (const { hash, files } of served.versions as Version[]) {
    for (const name of files) {
      const path = `assets/${hash}/${name}`;
      const bytes = Buffer.from(await (await fetch(`${edge}/v1/${path}`)).arrayBuffer());
      expect(bytes.equals(read(path)), path).toBe(true);
      names.push(name);
    }
  }
  expect(names).toEqual(expect.arrayContaining(["loader.js", "widget_bg.wasm", "locale/en.json"]));
  // A version that is there already is not fetched again, and the newest build stays first.
  const [newest] = served.versions;
  const built = { ...newest, hash: "0123456789abcdef" };
  const marked = join(dir, "v1", "assets", newest.hash, "widget.css");
  writeFileSync(marked, "mine");
  writeFileSync(join(dir, "v1", "versions.json"), JSON.stringify({ versions: [built] }));
  expect((await keep(edge)).stdout).toBe("");
  expect(list().map(({ hash }) => hash)).toEqual([built.hash, ...served.versions.map(hashOf)]);
  expect(statSync(marked).size).toBe(4);
  rmSync(dir, { recursive: true });
});

const hashOf = ({ hash }: Version) => hash;

test("a list with names of other places, or a version that ends half-way, is refused", async () => {
  const good: Version = { hash: "0123456789abcdef", files: ["widget.js", "gone.js"] };
  let answer: unknown;
  const server = createServer((request, response) => {
    const isList = request.url === "/v1/versions.json";
    if (request.url?.endsWith("gone.js")) response.statusCode = 404;
    response.end(isList ? JSON.stringify(answer) : "export {}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { dir, keep } = dist();
  for (const [list, why] of [
    [{ versions: [{ ...good, files: ["../../../widget.js"] }] }, "was not understood"],
    [{ versions: [{ ...good, files: ["/tmp/widget.js"] }] }, "was not understood"],
    [{ versions: [{ ...good, hash: "../0123456789abc" }] }, "was not understood"],
    [{ versions: "all" }, "was not understood"],
    [{ versions: [good] }, "gone.js: 404"],
  ] as const) {
    answer = list;
    await expect(keep(origin)).rejects.toThrow(why);
  }
  const kept = readdirSync(join(dir, "v1", "assets")).filter((name) => !name.endsWith(".part"));
  expect(kept).toEqual([]);
  server.close();
  rmSync(dir, { recursive: true });
});
