/** Nobody but the page and the Worker says where a customer goes on or comes back to. */
import { openMade, test, tokenUrl } from "./lib/embed.ts";
import { Links, newBrowser, openLink } from "./lib/links.ts";
import { CARDS } from "./lib/widget.ts";
import { expect } from "./lib/world.ts";

/** A card that nobody on our pages completes is carried through by the alarm, after 45 seconds. */
const ALARM_TIMEOUT_MS = 80_000;

const EVIL = "https://evil.example/";
/** Names under which other software looks for such an address. */
const NAMES = ["return_url", "returnUrl", "redirect_url", "redirect", "next", "url", "success_url"];
const FORGED = new URLSearchParams(NAMES.map((name) => [name, EVIL])).toString();

test("the hosted page: a forged address brings nobody elsewhere", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const link = await new Links(world.info).makeOne({ customer: declined.customer });
  const hosted = await openLink(world, { ...link, url: `${link.url}?${FORGED}` });
  expect(hosted.page.url(), "the address is tidied").toBe(link.url);
  await hosted.proceed();
  await hosted.widget.openPanel();
  await hosted.widget.chooseKind("ideal");
  const saved = hosted.page.waitForRequest((request) => request.url().includes("/confirm"));
  await hosted.widget.primary.click();
  const told = new URLSearchParams((await saved).postData() ?? "").get("return_url");
  expect(told).toBe(`${link.url}?reprieve_back=1`);
  await hosted.page.locator("#fail").click();
  await hosted.widget.expectScreen("banner");
  expect(hosted.page.url()).toBe(link.url);
  await world.expectUnpaid(declined);
});

test("the provider's own page leads back to the Worker's", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const links = new Links(world.info);
  const wanted = { customer: declined.customer, mode: "provider" } as const;
  const link = await links.makeOne(wanted);
  const hosted = await openLink(world, { ...link, url: `${link.url}?${FORGED}` });
  await hosted.giveCardThere(world.info.sandbox_js, CARDS.works);
  await hosted.page.waitForURL(`${world.info.edge}/p/done`);
  await hosted.expectView("done");

  const other = await links.makeOne(wanted);
  const from = (headers: Record<string, string>) => links.session(other.url, { headers });
  expect((await from({ origin: EVIL.slice(0, -1) })).status, "from elsewhere").toBe(403);
  const host = { "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
  const answer = await from(host);
  expect(answer.status).toBe(200);
  expect(await answer.text()).not.toContain("evil");
  await world.expectState(declined.customer, "recovered", ALARM_TIMEOUT_MS);
  await world.expectPaidOnce(declined);
});

test("the calls take no such address: refused, or not looked at", async ({ world }) => {
  const declined = await world.newDeclinedCustomer();
  const { customer } = declined;
  const links = new Links(world.info);
  for (const name of NAMES) {
    const forged = { [name]: EVIL };
    expect((await links.post({ links: [{ customer, ...forged }] })).status, name).toBe(400);
    expect((await links.post({ links: [{ customer }], ...forged })).status, name).toBe(400);
    const body = JSON.stringify({ mode: "provider", ...forged });
    const own = await world.edge.call<any>(customer, "/v1/page", { method: "POST", body });
    expect([own.status, own.body.error.code], name).toEqual([400, "malformed"]);
  }
  const link = await links.makeOne({ customer });
  const forged = Object.fromEntries(NAMES.map((name) => [name, EVIL]));
  const told = await links.send(`${new URL(link.url).pathname}/session?${FORGED}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: world.info.edge },
    body: JSON.stringify({ browser: newBrowser(), ...forged }),
  });
  expect(await told.text()).not.toContain("evil");
  for (const path of ["payment-methods", "authentications", "cancellations", "page"]) {
    const body = JSON.stringify(path === "page" ? {} : forged);
    const call = { method: "POST", body };
    const answer = await world.edge.call(customer, `/v1/${path}?${FORGED}`, call);
    expect(JSON.stringify(answer), path).not.toContain("evil");
  }
  await world.expectUnpaid(declined);
});

test("a host page: no attribute, parameter or message chooses the way back", async ({ world }) => {
  const declined = await world.newDeclinedCustomer({ card: "0069" });
  const attributes = NAMES.map((name) => `data-${name.replace("_", "-")}="${EVIL}"`).join(" ");
  const script = `data-token-url="${tokenUrl(declined.customer)}" ${attributes}`;
  const widget = await openMade(world, declined.customer, { script });
  const { page } = widget;
  const here = page.url();
  await page.evaluate((forged) => {
    for (const data of [forged, { type: "return_url", ...forged }]) window.postMessage(data, "*");
    Object.assign(document.querySelector("reprieve-widget")!, forged);
  }, Object.fromEntries(NAMES.map((name) => [name, EVIL])));
  await widget.openPanel();
  await widget.chooseKind("ideal");
  const saved = page.waitForRequest((request) => request.url().includes("/confirm"));
  await widget.primary.click();
  const told = new URLSearchParams((await saved).postData() ?? "").get("return_url");
  expect(told).toBe(`${here}?reprieve_back=1`);
  await page.route(/reprieve_back/, (route) => route.fulfill({ body: "back" }));
  await page.locator("#fail").click();
  await page.waitForURL((url) => url.href.startsWith(`${told}&`));
  await world.expectUnpaid(declined);
});
