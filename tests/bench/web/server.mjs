/**
 * Serves the host page with each of the widgets, and answers the two calls that all of them make.
 * Everything travels as brotli, as a content network would send it.
 */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { buildPeer, PEERS } from "./peers.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TYPES = {
  css: "text/css",
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  json: "application/json",
  wasm: "application/wasm",
};
/** The pages that are compared: without a widget, with each peer, and with ours. */
export const VARIANTS = ["none", ...Object.keys(PEERS), "reprieve"];

const DATA = 'data-token-url="/token" data-locale="en"';
const SCRIPTS = {
  none: "",
  reprieve: `<script src="/v1/loader.js" async ${DATA}></script>`,
};

const scriptOf = (name) =>
  SCRIPTS[name] ?? `<script src="/peer/${name}.js" async ${DATA}></script>`;

/** An API call belongs to the page that makes it. */
const pageOf = ({ url, headers }) =>
  url.startsWith("/v1/status") ? ` of ${new URL(headers.referer).pathname}` : "";

/** Starts; resolves to `{ origin, sent, close }`. `dist` is what xtask built for release; `answers`
 * has for each path of the API a function of the page's name. */
export async function serve(dist, answers) {
  const files = await prepare(answers);
  const sent = new Map();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    const file = files.get(pathname + pageOf(request)) ?? (await ours(dist, pathname));
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    sent.set(pathname, file.body.length);
    const caching = pathname.includes("/assets/") ? "max-age=31536000, immutable" : "no-cache";
    response.writeHead(200, {
      "content-type": file.type,
      "content-encoding": "br",
      "content-length": file.body.length,
      "cache-control": caching,
    });
    response.end(file.body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, sent, close };
}

async function prepare(answers) {
  const template = await readFile(here("./page.html"), "utf8");
  const texts = [];
  for (const name of VARIANTS) {
    texts.push([`/${name}`, "html", template.replace("{{script}}", () => scriptOf(name))]);
  }
  for (const name of Object.keys(PEERS)) {
    texts.push([`/peer/${name}.js`, "js", await buildPeer(name)]);
  }
  texts.push(["/token", "json", JSON.stringify({ token: "recorded" })]);
  for (const name of VARIANTS) {
    for (const [path, answer] of Object.entries(answers)) {
      texts.push([`${path} of /${name}`, "json", JSON.stringify(answer(name))]);
    }
  }
  return new Map(
    texts.map(([path, kind, text]) => [path, { type: TYPES[kind], body: pack(text) }]),
  );
}

const kept = new Map();

async function ours(dist, pathname) {
  const path = normalize(join(dist, pathname));
  if (!path.startsWith(dist + sep)) return null;
  if (!kept.has(path)) {
    const body = await readFile(path).catch(() => null);
    kept.set(path, body && { type: TYPES[path.split(".").pop()], body: pack(body) });
  }
  return kept.get(path);
}

const pack = (content) => brotliCompressSync(Buffer.from(content));
