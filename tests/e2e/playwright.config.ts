/**
 * Browser tests: the real edge in workerd, the payment sandbox, the host pages and Chromium.
 *
 * One stack serves all files; every test has a customer of its own. Only `crash` starts and kills
 * a second stack, and `offers` starts one with a policy of its own. Environment: REPRIEVE_XTASK
 * (the built xtask), REPRIEVE_CHROMIUM (a browser), REPRIEVE_STACK_JSON (ready line of a stack
 * that already runs), REPRIEVE_E2E_BASE_PORT, REPRIEVE_E2E_TRACE (any value: keep a trace of each
 * test that fails), REPRIEVE_E2E_KEEP (any value: keep the stacks' state and logs in the temporary
 * folder).
 */
import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

const TEST_TIMEOUT_MS = 120_000;
const CRASH_TEST_TIMEOUT_MS = 240_000;
const EXPECT_TIMEOUT_MS = 30_000;
const ACTION_TIMEOUT_MS = 60_000;
const NAVIGATION_TIMEOUT_MS = 60_000;
const GLOBAL_TIMEOUT_MS = 50 * 60_000;
const WORKERS = 2;

const KNOWN_BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const browser = process.env.REPRIEVE_CHROMIUM ?? KNOWN_BROWSERS.find((path) => existsSync(path));

/** No sandbox, because tests run in containers; nothing that calls home. */
export const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: ".",
  outputDir: "./test-results",
  globalSetup: "./lib/global-setup.ts",
  globalTimeout: GLOBAL_TIMEOUT_MS,
  timeout: TEST_TIMEOUT_MS,
  expect: { timeout: EXPECT_TIMEOUT_MS },
  fullyParallel: true,
  forbidOnly: process.env.CI !== undefined,
  // A test that fails once has found something: there is no second try.
  retries: 0,
  workers: WORKERS,
  reporter: [["list"]],
  use: {
    actionTimeout: ACTION_TIMEOUT_MS,
    navigationTimeout: NAVIGATION_TIMEOUT_MS,
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    // Recording every step takes as long again as the steps themselves.
    trace: process.env.REPRIEVE_E2E_TRACE === undefined ? "off" : "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: browser, args: BROWSER_ARGS },
  },
  // The longest row of tests begins first; the other worker takes the rest meanwhile.
  projects: [
    { name: "crash", testMatch: /crash\.spec\.ts/, timeout: CRASH_TEST_TIMEOUT_MS },
    { name: "browser", testIgnore: /crash\.spec\.ts/ },
  ],
});
