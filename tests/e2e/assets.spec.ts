/** The loader and what it loads: any page may have them, and caches keep them as they should. */
import { expect, test } from "./lib/world.ts";

const LANGUAGES = ["en", "de", "ar", "ja", "fr", "es", "pt", "pl", "tr", "ko"];
const TYPES = { js: "text/javascript", css: "text/css", json: "application/json" } as const;
const FOREVER = "public, max-age=31536000, immutable";

test("the loader is fresh within minutes and free for every page", async ({ world }) => {
  const answer = await fetch(`${world.info.edge}/v1/loader.js`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain(TYPES.js);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  const cache = answer.headers.get("cache-control")!;
  expect(cache).not.toContain("immutable");
  expect(Number(/max-age=(\d+)/.exec(cache)![1])).toBeLessThanOrEqual(300);
});

test("assets are named by their content and kept for ever", async ({ world }) => {
  const { edge } = world.info;
  const loader = await (await fetch(`${edge}/v1/loader.js`)).text();
  const [base] = /\/v1\/assets\/[0-9a-f]{8,64}\//.exec(loader)!;
  const files: [string, string][] = [
    ["widget.js", TYPES.js],
    ["widget_bg.wasm", "application/wasm"],
    ["notice.css", TYPES.css],
    ["panel.css", TYPES.css],
    ...LANGUAGES.map((language): [string, string] => [`locale/${language}.json`, TYPES.json]),
  ];
  for (const [name, type] of files) {
    const answer = await fetch(`${edge}${base}${name}`);
    expect(answer.status, name).toBe(200);
    expect(answer.headers.get("content-type"), name).toContain(type);
    expect(answer.headers.get("access-control-allow-origin"), name).toBe("*");
    expect(answer.headers.get("cache-control"), name).toBe(FOREVER);
    expect((await answer.arrayBuffer()).byteLength, name).toBeGreaterThan(0);
  }
});

test("an asset of another build is 404 and no cache keeps that", async ({ world }) => {
  const answer = await fetch(`${world.info.edge}/v1/assets/0000000000000000/widget.js`);
  expect(answer.status).toBe(404);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect((await answer.json()).error).toMatchObject({ status: 404, code: "not_found" });
});
