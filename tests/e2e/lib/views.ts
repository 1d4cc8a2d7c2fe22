/**
 * Answers of the cancel calls as the Worker writes them, for tests that want every screen in every
 * profile and language without living through each of them. Only shapes and names stand here; what
 * the Worker decides is tested against the Worker (`cancel.spec.ts`).
 */
import type { Page, Route } from "@playwright/test";
import type { CancelDialog } from "./cancel.ts";

export const JURISDICTIONS = [
  "de",
  "eu",
  "gb",
  "us_ca",
  "us",
  "kr",
  "tr",
  "jp",
  "elsewhere",
] as const;
export type Jurisdiction = (typeof JURISDICTIONS)[number];

export const STEPS = ["survey", "offer", "feedback", "confirm", "done", "kept"] as const;
export type Step = (typeof STEPS)[number];

const DAY_MS = 24 * 60 * 60 * 1000;
export const NOW_MS = Date.UTC(2026, 10, 22, 9, 30);
const PERIOD_ENDS_MS = NOW_MS + 12 * DAY_MS;

const EUR = (amount_minor: number) => ({ amount_minor, currency: "eur" });

export const subscription = (id = "sub_1", more: object = {}) => ({
  id,
  plan: EUR(1900),
  interval: "month",
  cancellation: null,
  is_leaving: false,
  ends_at_ms: null,
  pause: null,
  ...more,
});

export const OFFERS = {
  pause: {
    name: "break",
    kind: "pause",
    access: "off",
    periods: 2,
    access_until_ms: PERIOD_ENDS_MS,
    resumes_at_ms: PERIOD_ENDS_MS + 61 * DAY_MS,
    resumes_at_max_ms: null,
    first_charge_at_ms: PERIOD_ENDS_MS + 61 * DAY_MS,
  },
  discount: {
    name: "half",
    kind: "discount",
    percent: 50,
    amount_off: null,
    periods: 3,
    price: EUR(950),
  },
  plan: { name: "lite", kind: "plan_change", label: "Studio Lite" },
  trial: { name: "longer", kind: "trial_extension", until_ms: PERIOD_ENDS_MS },
  credit: { name: "gift", kind: "credit", amount: EUR(500) },
  contact: { name: "talk", kind: "contact", url: "https://help.example/talk" },
  redirect: { name: "tips", kind: "redirect", url: "https://help.example/tips" },
} as const;

const REASONS = [
  "too_expensive",
  "unused",
  "missing_features",
  "low_quality",
  "too_complex",
  "switched_service",
  "customer_service",
  "other",
];

const RECEIPT = {
  id: "ccl_0123456789abcdef",
  at_ms: NOW_MS,
  effective_at_ms: PERIOD_ENDS_MS,
  lines: [
    { key: "receipt.id", value: { text: "ccl_0123456789abcdef" } },
    { key: "receipt.at", value: { time_ms: NOW_MS } },
    { key: "receipt.kind", value: { word: "receipt.kind.ordinary" } },
    { key: "receipt.customer", value: { text: "cus_demo" } },
    { key: "receipt.contract", value: { text: "sub_1" } },
    { key: "receipt.price", value: { amount: EUR(1900) } },
    { key: "receipt.effective_at", value: { time_ms: PERIOD_ENDS_MS } },
    { key: "receipt.open_invoices", value: { word: "receipt.open_invoices.void" } },
    { key: "receipt.undo_until", value: { time_ms: PERIOD_ENDS_MS } },
  ],
};

/** A cancellation on a screen, under the law of a place. */
export function cancellation(step: Step, jurisdiction: Jurisdiction, more: object = {}) {
  const isGerman = jurisdiction === "de";
  const states: Partial<Record<Step, string>> = { done: "canceled", kept: "kept" };
  return {
    id: RECEIPT.id,
    subscription: subscription(),
    kind: "ordinary",
    state: states[step] ?? "open",
    step,
    steps: isGerman ? ["confirm"] : ["survey", "offer", "feedback", "confirm"],
    can_go_back: !["survey", "done", "kept"].includes(step) && !isGerman,
    profile: {
      jurisdiction,
      found_by: jurisdiction === "elsewhere" ? "nothing" : "billing_country",
      confirm_label: isGerman ? "cancel.confirm.de" : "cancel.confirm",
      clicks_max: isGerman ? 2 : 3,
      cancel_on_offer: "now",
    },
    reasons: REASONS,
    reason: null,
    feedback: null,
    offers: step === "offer" ? [OFFERS.pause] : [],
    accepted: null,
    failed_offer: null,
    effective_at_ms: PERIOD_ENDS_MS,
    undo_until_ms: step === "done" ? PERIOD_ENDS_MS : null,
    open_invoices: "void",
    receipt: step === "done" ? RECEIPT : null,
    server_time_ms: NOW_MS,
    ...more,
  };
}

export const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-allow-methods": "GET, POST",
};

/** Looks at every screen of the dialog about leaving, one after the other. */
export async function atEveryStep(
  dialog: CancelDialog,
  look: (step: Step) => Promise<void>,
  offers: object[] = [OFFERS.pause, OFFERS.discount],
): Promise<void> {
  for (const step of STEPS) {
    const shown = step === "offer" ? offers : [];
    await answerCancelCalls(dialog.page, cancellation(step, "elsewhere", { offers: shown }));
    await dialog.open();
    await dialog.expectScreen(step);
    await look(step);
    await dialog.close();
  }
}

/** Every cancel call is answered with this from now on, or with what it makes of the path. */
export async function answerCancelCalls(
  page: Page,
  body: object | ((path: string) => object),
): Promise<void> {
  const answer = async (route: Route) => {
    const { pathname } = new URL(route.request().url());
    const json = typeof body === "function" ? body(pathname) : body;
    await route.fulfill({ status: 200, headers: CORS, json });
  };
  await page.unroute(/\/v1\/(cancellations|subscriptions)/).catch(() => {});
  await page.route(/\/v1\/(cancellations|subscriptions)/, answer);
}
