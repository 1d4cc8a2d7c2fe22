/**
 * Downloads the versions of the widget that a Worker serves now, for the next deployment to serve
 * them, too: `node keep-versions.mjs <origin> <target/widget/dist>`. What is there already stays.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const TIMEOUT_MS = 60_000;
const VERSIONS_MAX = 20;
const FILES_MAX = 200;
const FILE_BYTES_MAX = 4 * 1024 * 1024;
const LIST_BYTES_MAX = 512 * 1024;
const HASH = /^[0-9a-f]{16}$/;
const NAME = /^([a-z0-9_-]{1,40}\/)?[A-Za-z0-9_-]{1,60}\.(js|css|json|wasm)$/;

const [origin, dist] = process.argv.slice(2);

async function download(path, bytesMax) {
  const url = new URL(path, origin);
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (bytes.length > bytesMax) throw new Error(`${url}: ${bytes.length} bytes are too many`);
  return bytes;
}

function checked({ versions }) {
  if (!Array.isArray(versions)) throw new Error("the list of versions was not understood");
  const kept = versions.slice(0, VERSIONS_MAX);
  for (const { hash, files } of kept) {
    const areFine = files.length <= FILES_MAX && files.every((it) => NAME.test(it));
    if (!HASH.test(hash) || !areFine) throw new Error(`the version ${hash} was not understood`);
  }
  return kept;
}

/** All of a version or nothing of it: a part would be taken for the whole next time. */
async function keep({ hash, files }) {
  const target = join(dist, "v1", "assets", hash);
  if (existsSync(target)) return false;
  const part = `${target}.part`;
  await rm(part, { recursive: true, force: true });
  for (const name of files) {
    const bytes = await download(`/v1/assets/${hash}/${name}`, FILE_BYTES_MAX);
    await mkdir(dirname(join(part, name)), { recursive: true });
    await writeFile(join(part, name), bytes);
  }
  await rename(part, target);
  return true;
}

const list = join(dist, "v1", "versions.json");
const served = checked(JSON.parse(await download("/v1/versions.json", LIST_BYTES_MAX)));
const here = existsSync(list) ? JSON.parse(await readFile(list, "utf8")).versions : [];
await mkdir(join(dist, "v1", "assets"), { recursive: true });
for (const version of served) {
  if (await keep(version)) console.log(`kept ${version.hash}`);
}
const isNew = ({ hash }) => !here.some((version) => version.hash === hash);
await writeFile(list, JSON.stringify({ versions: [...here, ...served.filter(isNew)] }));
