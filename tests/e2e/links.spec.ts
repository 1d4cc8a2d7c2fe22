/** The hosted page and the link that opens it: once, in one browser, for as long as it lives. */
import { queryD1 } from "./lib/disk.ts";
import { Links, newBrowser, onAnotherDevice, openLink as open } from "./lib/links.ts";
import { CARDS } from "./lib/widget.ts";
import { axeViolations, expect, test } from "./lib/world.ts";

/** Chromium reports every 404 on the console. */
const NOT_FOUND = /status of 404/;
const LANGUAGES = ["en", "de", "ar", "ja", "fr", "es", "pt", "pl", "tr", "ko"] as const;

test("a scanner of mail looks first, then the customer pays", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const links = new Links(world.info);
  const link = await links.makeOne({ customer: declined.customer });
  for (const method of ["GET", "HEAD", "GET"]) {
    const answer = await links.send(link.url, { method, headers: { "user-agent": "MailScan/1" } });
    expect(answer.status, method).toBe(200);
    expect(answer.headers.get("set-cookie"), "looking leaves no trace").toBeNull();
  }
  const hosted = await open(world, link);
  await hosted.expectView("start");
  await hosted.proceed();
  await hosted.expectView("widget");
  await hosted.widget.expectScreen("banner");
  await hosted.widget.payWith(CARDS.works);
  await hosted.widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);

  await hosted.widget.primary.click();
  await hosted.expectView("clear");
  await hosted.page.reload();
  await hosted.expectView("clear");
});

test("all subscriptions of the customer are on the page", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069", subscriptions: 3 });
  const { customer } = declined;
  const hosted = await open(world, await new Links(world.info).makeOne({ customer }));
  await hosted.proceed();
  await hosted.widget.expectScreen("banner");
  await expect(hosted.widget.part("banner")).toContainText("€57");
  await hosted.widget.payWith(CARDS.works);
  await hosted.widget.expectScreen("recovered");
  await world.expectPaidOnce(declined);
  const all = await world.sandbox.get(`invoices?customer=${declined.customer}&status=open`);
  expect(all.data).toEqual([]);
});

test("a reload, a second tab and the way back do not lock the customer out", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const link = await new Links(world.info).makeOne({ customer: declined.customer });
  const hosted = await open(world, link);
  await hosted.proceed();
  await hosted.widget.expectScreen("banner");
  await hosted.page.reload();
  await hosted.widget.expectScreen("banner");

  const second = await open(world, link);
  await second.expectView("start");
  await second.proceed();
  await second.widget.expectScreen("banner");

  await second.widget.part("dismiss").click();
  await second.expectView("closed");
  await second.proceed();
  await second.widget.expectScreen("banner");
  await world.expectUnpaid(declined);
});

test("an answer that got lost locks nobody out", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const link = await new Links(world.info).makeOne({ customer: declined.customer });
  world.expectConsole(/ERR_CONNECTION_RESET|Failed to load/);
  const hosted = await open(world, link);
  await hosted.page.route(
    "**/session",
    async (route) => {
      // It arrives and takes effect; what comes back is lost, the cookie too.
      const { url, headers, postData } = await sent(route.request());
      await fetch(url, { method: "POST", headers, body: postData });
      await route.abort("connectionreset");
    },
    { times: 1 },
  );
  await hosted.proceed();
  await hosted.expectView("failed");
  await hosted.page.reload();
  await hosted.expectView("start");
  await hosted.proceed();
  await hosted.widget.expectScreen("banner");
  await world.expectUnpaid(declined);
});

async function sent(request: import("@playwright/test").Request) {
  const headers = { ...(await request.allHeaders()) };
  for (const name of Object.keys(headers)) if (name.startsWith(":")) delete headers[name];
  return { url: request.url(), headers, postData: request.postData() };
}

test("on another device an opened link is worth nothing", async ({ world, browser }) => {
  const declined = await world.newDeclinedCustomer();
  const link = await new Links(world.info).makeOne({ customer: declined.customer });
  world.expectConsole(NOT_FOUND);
  const first = await open(world, link);
  await first.proceed();
  await first.widget.expectScreen("banner");
  await onAnotherDevice(world, browser, async (page) => {
    const stolen = await open(world, link, page);
    await stolen.proceed();
    await stolen.expectView("gone");
    await expect(page.locator("reprieve-widget")).toHaveCount(0);
  });
  await first.page.reload();
  await first.widget.expectScreen("banner");
  await world.expectUnpaid(declined);
});

test("a link sent from one device is opened on another", async ({ world, browser }) => {
  const declined = await world.newDeclinedCustomer();
  const link = await new Links(world.info).makeOne({ customer: declined.customer });
  // Seen on the first device, never continued there.
  await (await open(world, link)).expectView("start");
  await onAnotherDevice(world, browser, async (page) => {
    const hosted = await open(world, link, page);
    await hosted.proceed();
    await hosted.widget.payWith(CARDS.works);
    await hosted.widget.expectScreen("recovered");
  });
  await world.expectPaidOnce(declined);
});

test("guessed, expired, revoked and used links cannot be told apart", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const links = new Links(world.info);
  const wanted = { customer: declined.customer };
  const [expired, revoked, used, worn] = await links.make(wanted, wanted, wanted, wanted);
  const guessed = { url: `${world.info.edge}/p/${newBrowser()}` };
  await queryD1(world.info, `UPDATE link SET expires_at_ms = 1 WHERE id = '${expired!.id}'`);
  const worn_out = `UPDATE link SET state = 'used', exchanges = 50 WHERE id = '${worn!.id}'`;
  await queryD1(world.info, worn_out);
  expect((await links.revoke(revoked!.id)).status).toBe(204);
  expect((await links.revoke(revoked!.id)).status, "once more is no error").toBe(204);
  expect((await links.session(used!.url)).status, "the first one may").toBe(200);

  const told = [];
  for (const { url } of [guessed, expired!, revoked!, used!, worn!]) {
    const page = await links.send(url);
    const session = await links.session(url);
    expect(session.headers.get("set-cookie")).toBeNull();
    const { error } = await session.json();
    expect(error.code).toBe("not_found");
    delete error.request_id;
    told.push([page.status, await page.text(), session.status, error]);
  }
  for (const one of told) expect(one).toEqual(told[0]);
  expect(told[0]![0]).toBe(200);
  expect(told[0]![2]).toBe(404);
  await world.expectUnpaid(declined);
});

test("two browsers in the same moment: one gets in", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const links = new Links(world.info);
  const link = await links.makeOne({ customer: declined.customer });
  const answers = await Promise.all(Array.from({ length: 5 }, () => links.session(link.url)));
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 404, 404, 404, 404]);
  await world.expectUnpaid(declined);
});

test("the same browser is known by its cookie or by what it drew", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const links = new Links(world.info);
  const link = await links.makeOne({ customer: declined.customer, expires_in_s: 900 });
  const browser = newBrowser();
  const first = await links.session(link.url, { browser });
  const set = first.headers.get("set-cookie")!;
  const [pair, ...attributes] = set.split("; ");
  expect(pair).toMatch(/^__Host-reprieve-[\w-]{16}=[\w-]{43}$/);
  const life = expect.stringMatching(/^Max-Age=\d+$/);
  expect(attributes).toEqual(["Path=/", life, "HttpOnly", "Secure", "SameSite=Strict"]);
  const life_s = Number(/Max-Age=(\d+)/.exec(set)![1]);
  expect(life_s).toBeGreaterThan(800);
  expect(life_s).toBeLessThanOrEqual(900);
  const cookie = pair!;
  expect((await links.session(link.url, { cookie })).status, "by its cookie").toBe(200);
  expect((await links.session(link.url, { browser })).status, "by what it drew").toBe(200);
  const wrong = { cookie: cookie.replace(/=.*/, `=${newBrowser()}`) };
  expect((await links.session(link.url, wrong)).status).toBe(404);

  const { token } = await first.json();
  const status = await world.edge.call(declined.customer, "/v1/status", {
    token,
    origin: world.info.edge,
  });
  expect(status.status, "for our own page").toBe(200);
  const elsewhere = await world.edge.call(declined.customer, "/v1/status", { token });
  expect(elsewhere.status, "and for no other").toBe(401);
  await world.expectUnpaid(declined);
});

test("Continue is for our own page only", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const links = new Links(world.info);
  const link = await links.makeOne({ customer: declined.customer });
  for (const origin of [world.info.host, "https://evil.example", "null"]) {
    const answer = await links.session(link.url, { headers: { origin } });
    expect(answer.status, origin).toBe(403);
  }
  const plain = await links.session(link.url, { headers: { "content-type": "text/plain" } });
  expect(plain.status).toBe(400);
  expect((await links.session(link.url, { browser: "me" })).status).toBe(400);
  expect((await links.session(link.url)).status, "none of these used it up").toBe(200);
  await world.expectUnpaid(declined);
});

test("the page's headers let nothing in and nothing out", async ({ world }) => {
  const links = new Links(world.info);
  const link = await links.makeOne({ customer: "cus_headers" });
  const { headers } = await links.send(link.url);
  const policy = headers.get("content-security-policy")!;
  for (const part of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    expect(policy).toContain(part);
  }
  expect(policy).not.toMatch(/'unsafe-|https?:\s|\*/);
  const hosts = new Set(policy.match(/https?:\/\/[^\s;]+/g));
  const provider = new Set([world.info.sandbox_js, world.info.sandbox]);
  expect(hosts, "the provider and nobody else").toEqual(provider);
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-robots-tag")).toContain("noindex");
  expect(headers.get("x-frame-options")).toBe("DENY");
  const nonsense = await links.send("/p/not-a-link");
  expect(nonsense.status).toBe(404);
  expect(nonsense.headers.get("content-security-policy")).toBe(policy);
});

test("links are made by the merchant's servers alone", async ({ world }) => {
  const links = new Links(world.info);
  const body = { links: [{ customer: "cus_1" }] };
  const wrong = [null, "", "x".repeat(43), world.info.token_key, world.edge.token("cus_1")];
  for (const key of wrong) {
    const answer = await links.post(body, key);
    expect(answer.status).toBe(401);
    expect((await answer.json()).error.code).toBe("key_invalid");
  }
  const bad: unknown[] = [{}, [], { links: [] }, { links: [{ customer: "a/b" }] }];
  bad.push({ links: Array.from({ length: 101 }, () => ({ customer: "cus_1" })) });
  bad.push({ links: [{ customer: "cus_1", expires_in_s: 1 }] });
  for (const one of bad) expect((await links.post(one)).status).toBe(400);

  const many = await links.make(...Array.from({ length: 100 }, () => ({ customer: "cus_many" })));
  expect(new Set(many.map(({ url }) => url)).size).toBe(100);
  expect(new Set(many.map(({ id }) => id)).size).toBe(100);
  for (const { url, id } of many) {
    expect(url).toMatch(new RegExp(`^${world.info.edge}/p/[\\w-]{43}$`));
    expect(url).not.toContain(id.slice(4, 12));
  }
  expect((await links.revoke("lnk_AAAAAAAAAAAAAAAAAAAAAA")).status).toBe(404);
  expect((await links.revoke(many[0]!.id, "x".repeat(43))).status).toBe(401);

  const [row] = await queryD1(world.info, `SELECT * FROM link WHERE id = '${many[0]!.id}'`);
  const secret = new URL(many[0]!.url).pathname.slice("/p/".length);
  expect(JSON.stringify(row), "only the hash is stored").not.toContain(secret);
  expect(row).toMatchObject({ state: "fresh", customer: "cus_many", browser_hash: null });
});

test("an address that tries too much is slowed down", async ({ world }) => {
  const links = new Links(world.info);
  const headers = { "cf-connecting-ip": "203.0.113.77" };
  const guess = () => links.session(`${world.info.edge}/p/${newBrowser()}`, { headers });
  const answers = await Promise.all(Array.from({ length: 60 }, guess));
  const limited = answers.filter(({ status }) => status === 429);
  expect(limited.length).toBeGreaterThan(0);
  expect(Number(limited[0]!.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  const declined = await world.newDeclinedCustomer();
  const link = await links.makeOne({ customer: declined.customer });
  expect((await links.session(link.url)).status, "others get in").toBe(200);
  await world.expectUnpaid(declined);
});

for (const lang of LANGUAGES) {
  test(`the page speaks ${lang}`, async ({ world, browser }) => {
    const declined = await world.newDeclinedCustomer();
    const link = await new Links(world.info).makeOne({ customer: declined.customer });
    const context = await browser.newContext({ locale: lang });
    const page = await context.newPage();
    world.watch(page);
    const hosted = await open(world, link, page);
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
    await expect(page.locator("html")).toHaveAttribute("dir", lang === "ar" ? "rtl" : "ltr");
    await hosted.proceed();
    await hosted.widget.expectScreen("banner");
    await expect(hosted.widget.root).toHaveAttribute("lang", lang);
    await context.close();
    await world.expectUnpaid(declined);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`no view of the page is hard to read, in ${colorScheme}`, async ({ world, browser }) => {
    const declined = await world.newDeclinedCustomer();
    const link = await new Links(world.info).makeOne({ customer: declined.customer });
    const viewport = { width: 360, height: 740 };
    const context = await browser.newContext({ colorScheme, viewport, reducedMotion: "reduce" });
    const page = await context.newPage();
    world.watch(page);
    world.expectConsole(NOT_FOUND);
    const hosted = await open(world, link, page);
    const look = async (view: string) =>
      expect(await axeViolations(page, "html"), view).toEqual([]);
    await look("start");
    await hosted.proceed();
    await hosted.widget.expectScreen("banner");
    await look("banner");
    await hosted.widget.part("dismiss").click();
    await hosted.expectView("closed");
    await look("closed");
    await page.goto(`${world.info.edge}/p/not-a-link`);
    await hosted.expectView("gone");
    await look("gone");
    await page.goto(`${world.info.edge}/p/done`);
    await hosted.expectView("done");
    await look("done");
    const widths = () => [document.documentElement.scrollWidth, innerWidth];
    const [content, screen] = await page.evaluate(widths);
    expect(content, "nothing stands out at the side").toBeLessThanOrEqual(screen!);
    await context.close();
    await world.expectUnpaid(declined);
  });
}

test("the whole way with the keyboard", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const link = await new Links(world.info).makeOne({ customer: declined.customer });
  const hosted = await open(world, link);
  await hosted.page.keyboard.press("Tab");
  await expect(hosted.page.locator("[data-proceed]").first()).toBeFocused();
  await hosted.page.keyboard.press("Enter");
  await hosted.expectView("widget");
  await expect(hosted.page.locator('section[data-view="widget"] h1')).toBeFocused();
  await hosted.widget.expectScreen("banner");
  await world.expectUnpaid(declined);
});
