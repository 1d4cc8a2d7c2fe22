/**
 * The demo's host application: two products that embed the Reprieve widget as a customer of ours
 * would. It stands for *your* server, so it knows nothing of the widget beyond the script tag and
 * the one route that mints a customer token (see mint-token.mjs).
 *
 *   GET  /                    the two products
 *   GET  /saas, /game         the pages; `?customer=cus_…&lang=de&theme=dark&wasm=no`
 *   GET  /theme               the widget with colours of your own, live
 *   GET  /static/<file>       their scripts and styles
 *   GET  /subscribe           the way in: choose a plan, give a card, pay
 *   POST /api/reprieve-token  `{"token":"…"}` for the signed-in customer
 *   POST /api/subscribe/begin, /api/subscribe/finish   around the card fields (subscribe.mjs)
 *   POST /demo/customer       the demo bar: sign in as a new customer whose card fails
 *
 * It listens on the loopback interface only and prints one JSON line when it is ready.
 */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { parseArgs } from "./args.mjs";
import { Customers, isCustomerId, STORIES } from "./customers.mjs";
import { mintToken } from "./mint-token.mjs";
import { isTheme, languageOf, renderPage } from "./render.mjs";
import { begin, finish, PUBLISHABLE_KEY } from "./subscribe.mjs";

const BODY_BYTES_MAX = 1024;
const REQUEST_TIMEOUT_MS = 40_000;
const STATIC_TYPES = { css: "text/css", js: "text/javascript", svg: "image/svg+xml" };
const SIGNED_IN = new Set(["saas", "game", "theme"]);
const STATIC_NAME = /^\/static\/([a-z-]{1,32})\.(css|js|svg)$/;

const config = readConfig();
const origin = `http://127.0.0.1:${config.port}`;
const customers = new Customers(config);

function readConfig() {
  try {
    return parseArgs(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

/**
 * What a page that embeds the widget must allow, and nothing more: the edge serves the loader, the
 * Wasm and its style; the provider's origin serves its script and the frames with the card fields
 * and the bank's question. That script asks the provider's API how the bank's question ended.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src 'self' ${config.edge} ${config.providerJs} 'wasm-unsafe-eval'`,
  `style-src 'self' ${config.edge}`,
  `connect-src 'self' ${config.edge} ${config.sandbox}`,
  `frame-src ${config.providerJs}`,
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "referrer-policy": "strict-origin-when-cross-origin",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

function send(response, status, headers, body) {
  response.writeHead(status, headers);
  response.end(body);
}

function sendJson(response, status, value) {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  send(response, status, headers, JSON.stringify(value));
}

/** Reads a small body; a longer one ends the request. */
async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw Object.assign(new Error("body too large"), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * A real product reads the signed-in customer from its session. The demo has no sign-in, so the
 * page address may name the customer; that is also why this server never leaves the loopback.
 */
async function signedInCustomer(url) {
  const named = url.searchParams.get("customer");
  return isCustomerId(named) ? named : customers.current();
}

async function sendPage(response, url, name) {
  const lang = languageOf(url.searchParams.get("lang"));
  const theme = url.searchParams.get("theme");
  const page = await renderPage(name, {
    lang,
    theme: isTheme(theme) ? theme : "auto",
    customer: SIGNED_IN.has(name) ? await signedInCustomer(url) : "",
    edge: config.edge,
    sandbox: config.sandbox,
    stripeJs: `${config.providerJs}/v3/stripe.js`,
    publishableKey: PUBLISHABLE_KEY,
  });
  send(response, 200, headersFor(url), page);
}

/** `?wasm=no`: as many pages are, without leave for WebAssembly. */
function headersFor(url) {
  if (url.searchParams.get("wasm") !== "no") return PAGE_HEADERS;
  const policy = CONTENT_SECURITY_POLICY.replace(" 'wasm-unsafe-eval'", "");
  return { ...PAGE_HEADERS, "content-security-policy": policy };
}

async function sendStatic(response, [, name, extension]) {
  const body = await readFile(new URL(`./static/${name}.${extension}`, import.meta.url));
  const type = `${STATIC_TYPES[extension]}; charset=utf-8`;
  send(response, 200, { "content-type": type, "cache-control": "no-cache" }, body);
}

async function postToken(request, response, url) {
  await readBody(request);
  const customer = await signedInCustomer(url);
  const { merchant, tokenKey: key } = config;
  sendJson(response, 200, { token: mintToken({ customer, merchant, origin, key }) });
}

/** One of the two calls of the page on which people subscribe: a form in, JSON out. */
async function postSubscribe(request, response, step) {
  const form = new URLSearchParams(await readBody(request));
  sendJson(response, 200, await step(config.sandbox, form));
}

async function postCustomer(request, response) {
  const form = new URLSearchParams(await readBody(request));
  const story = STORIES.find(({ card }) => card === form.get("card")) ?? STORIES[0];
  const page = form.get("page") === "game" ? "game" : "saas";
  const query = new URLSearchParams({
    customer: await customers.signInNew(story.card, page),
    lang: languageOf(form.get("lang")),
    theme: isTheme(form.get("theme")) ? form.get("theme") : "auto",
  });
  send(response, 303, { location: `/${page}?${query}` }, "");
}

async function handle(request, response) {
  const url = new URL(request.url ?? "/", origin);
  if (request.headers.host !== `127.0.0.1:${config.port}`) {
    // The customer token names one origin; `localhost` would be another one.
    return send(response, 307, { location: `${origin}${url.pathname}${url.search}` }, "");
  }
  const asset = STATIC_NAME.exec(url.pathname);
  const route = `${request.method} ${url.pathname}`;
  if (request.method === "GET" && asset) return sendStatic(response, asset);
  if (route === "GET /") return sendPage(response, url, "index");
  if (route === "GET /saas") return sendPage(response, url, "saas");
  if (route === "GET /game") return sendPage(response, url, "game");
  if (route === "GET /theme") return sendPage(response, url, "theme");
  if (route === "GET /subscribe") return sendPage(response, url, "subscribe");
  if (request.method === "POST" && request.headers.origin !== origin) {
    return sendJson(response, 403, { error: "this route answers its own pages only" });
  }
  if (route === "POST /api/reprieve-token") return postToken(request, response, url);
  if (route === "POST /api/subscribe/begin") return postSubscribe(request, response, begin);
  if (route === "POST /api/subscribe/finish") return postSubscribe(request, response, finish);
  if (route === "POST /demo/customer") return postCustomer(request, response);
  return sendJson(response, 404, { error: "no such page" });
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    const status = error.status ?? (error.code === "ENOENT" ? 404 : 503);
    console.error(`${request.method} ${request.url?.split("?")[0]}: ${error.message}`);
    if (!response.headersSent) sendJson(response, status, { error: error.message });
    else response.destroy();
  });
});
server.requestTimeout = REQUEST_TIMEOUT_MS;
server.on("error", (error) => {
  console.error(`cannot listen on port ${config.port}: ${error.message}`);
  process.exit(1);
});
server.listen(config.port, "127.0.0.1", () => {
  console.log(JSON.stringify({ ready: true, origin }));
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
