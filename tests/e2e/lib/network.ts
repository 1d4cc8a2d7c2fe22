/** Networks that keep something from the page. */
import type { Page } from "@playwright/test";

/** What the page's console says of it. */
export const BLOCKED = /ERR_BLOCKED_BY_CLIENT|ERR_FAILED|ERR_INTERNET_DISCONNECTED|Failed to fetch/;

/** Requests to this address end before they leave the browser, until they are unrouted. */
export const block = (page: Page, url: string | RegExp) =>
  page.route(url, (route) => route.abort("blockedbyclient"));
