/**
 * Runs one Wasm test program in headless Chromium; Cargo calls it as the target's runner.
 *
 * wasm-bindgen's own runner would drive the browser through chromedriver, which has to match the
 * browser's version and is not always packaged with it. So that runner only serves the tests (its
 * interactive mode), and Playwright, which the browser tests need anyway, opens the page.
 *
 * Environment: REPRIEVE_WASM_TEST_RUNNER (wasm-bindgen-test-runner), REPRIEVE_CHROMIUM.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const RESULT_TIMEOUT_MS = 180_000;
const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SERVING = /available at (http:\/\/[\d.:]+)/;

const { chromium } = createRequire(new URL("../tests/package.json", import.meta.url))(
  "@playwright/test",
);

/** Starts the server; resolves to its address, or to its exit code when there was no test. */
function serve(program, args) {
  const env = {
    ...process.env,
    NO_HEADLESS: "1",
    WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0",
    WASM_BINDGEN_USE_BROWSER: "1",
  };
  const server = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => server.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    let address = null;
    const said = [];
    server.once("error", reject);
    createInterface({ input: server.stdout }).on("line", (line) => {
      said.push(line);
      address ??= SERVING.exec(line)?.[1] ?? null;
      if (address !== null) resolve({ address });
    });
    server.once("close", (code) => {
      if (address === null) process.stdout.write(`${said.join("\n")}\n`);
      resolve({ code: code ?? 1 });
    });
  });
}

/** Opens the page and returns what it wrote once there is a result. */
async function runInBrowser(address) {
  const executablePath = process.env.REPRIEVE_CHROMIUM;
  const browser = await chromium.launch({ executablePath, args: BROWSER_ARGS });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => process.stderr.write(`page: ${error.message}\n`));
    await page.goto(address);
    const output = page.locator("#output");
    try {
      await output.filter({ hasText: "test result: " }).waitFor({ timeout: RESULT_TIMEOUT_MS });
    } catch {
      process.stderr.write(`no test result after ${RESULT_TIMEOUT_MS} ms\n`);
    }
    return await output.innerText();
  } finally {
    await browser.close();
  }
}

const served = await serve(process.env.REPRIEVE_WASM_TEST_RUNNER, process.argv.slice(2));
if (served.address === undefined) process.exit(served.code);
const text = await runInBrowser(served.address);
process.stdout.write(`${text}\n`);
process.exit(text.includes("test result: ok") ? 0 : 1);
