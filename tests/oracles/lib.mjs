// What the oracles share: starting programs, ending them, talking to ours line by line.

import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";

const READY_MS_MAX = 20_000;
const PROGRAM_MS_MAX = 120_000;

/** Ends a child; resolves when it is gone. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await gone;
  clearTimeout(late);
}

/** Runs a program with lines on its standard input; resolves to its standard output. */
export function run(program, args, { input = "", env = {}, cwd } = {}) {
  return new Promise((done, failed) => {
    const stdio = ["pipe", "pipe", "inherit"];
    const child = spawn(program, args, { stdio, cwd, env: { ...process.env, ...env } });
    const limit = setTimeout(() => child.kill("SIGKILL"), PROGRAM_MS_MAX);
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stdin.on("error", () => {});
    child.once("error", failed);
    child.once("close", (code, signal) => {
      clearTimeout(limit);
      const text = Buffer.concat(chunks).toString("utf8");
      if (code === 0) done(text);
      else failed(new Error(`${program} ${args.join(" ")}: ${code ?? signal}\n${text}`));
    });
    child.stdin.end(input);
  });
}

/** Our own program, lines of JSON in and out. */
export async function reprieve(bin, command, lines = []) {
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  const text = await run(join(bin, "reprieve-oracles"), [command], { input });
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** A sandbox with an endpoint for its webhooks; `end` stops it. */
export async function sandbox(bin, { webhookUrl, secret }) {
  const args = ["--memory", "--api-port", "0", "--js-port", "0", "--webhook-retry-ms", "50"];
  const hook = ["--webhook-url", webhookUrl, "--webhook-secret", secret];
  const program = join(bin, "reprieve-sandbox");
  const child = spawn(program, [...args, ...hook], { stdio: ["ignore", "pipe", "inherit"] });
  const ready = new Promise((done, failed) => {
    const limit = setTimeout(() => failed(new Error("the sandbox is not ready")), READY_MS_MAX);
    child.once("error", failed);
    child.once("exit", (code) => failed(new Error(`the sandbox ended with ${code}`)));
    createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(limit);
      done(JSON.parse(line));
    });
  });
  try {
    const { api } = await ready;
    return { api: new URL(api), end: () => end(child) };
  } catch (error) {
    await end(child);
    throw error;
  }
}

/** A program that serves HTTP and says nothing when it is ready: asked until it answers. */
export async function server(program, args, url) {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "ignore"] });
  let failure;
  child.once("error", (error) => (failure = error));
  for (const until = Date.now() + READY_MS_MAX; Date.now() < until; ) {
    if (failure) throw failure;
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    const answered = await fetch(url).then(() => true, () => false);
    if (answered) return { end: () => end(child) };
    await new Promise((later) => setTimeout(later, 50));
  }
  await end(child);
  throw new Error(`${program} is not ready`);
}

/** Takes webhooks: every delivery as `{header, body}`, the body as it came over the wire. */
export async function endpoint() {
  const deliveries = [];
  const taker = createServer((request, answer) => {
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const header = request.headers["stripe-signature"] ?? null;
      deliveries.push({ header, body: Buffer.concat(chunks).toString("utf8") });
      answer.end("{}");
    });
  });
  await new Promise((done) => taker.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${taker.address().port}/`;
  return { url, deliveries, end: () => new Promise((done) => taker.close(done)) };
}

/** A free port, for programs that cannot choose one. */
export async function freePort() {
  const taker = createServer();
  await new Promise((done) => taker.listen(0, "127.0.0.1", done));
  const { port } = taker.address();
  await new Promise((done) => taker.close(done));
  return port;
}

/** Waits until `look` gives something. */
export async function until(what, look) {
  for (const end = Date.now() + READY_MS_MAX; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((later) => setTimeout(later, 25));
  }
  throw new Error(`waited in vain for ${what}`);
}
