/**
 * The widget as a person sees it. Locators pierce the open shadow root; card data is typed into
 * the provider's own frame, never into the page.
 */
import { expect, type FrameLocator, type Locator, type Page } from "@playwright/test";
import type { Screen } from "./types.ts";

/** Full numbers of the test cards, by what they do. */
export const CARDS = {
  works: "4242424242424242",
  attachesThenFails: "4000000000000341",
  declined: "4000000000000002",
  asksAtSetUp: "4000002500003155",
  asksAlways: "4000002760003184",
  insufficientFunds: "4000000000009995",
  lost: "4000000000009987",
} as const;

/** The documented test accounts for direct debits. */
export const ACCOUNTS = {
  pays: "DE89370400440532013000",
  bounces: "DE62370400440532013001",
} as const;

const FRAME_TIMEOUT_MS = 60_000;

export interface RecordedEvent {
  name: string;
  detail: Record<string, unknown>;
}

const EVENT_NAMES = ["status", "shown", "dismissed", "declined", "recovered", "error"];

export class Widget {
  readonly page: Page;
  readonly element: Locator;
  readonly root: Locator;

  constructor(page: Page) {
    this.page = page;
    this.element = page.locator("reprieve-widget");
    this.root = this.element.locator("[data-screen]");
  }

  /** Must run before the page loads: keeps every event that the element sends. */
  static async recordEvents(page: Page): Promise<void> {
    await page.addInitScript((names: string[]) => {
      const seen: unknown[] = [];
      Object.assign(window, { reprieveEventsSeen: seen });
      for (const name of names) {
        document.addEventListener(`reprieve:${name}`, (event) => {
          seen.push({ name, detail: (event as CustomEvent).detail });
        });
      }
    }, EVENT_NAMES);
  }

  events(): Promise<RecordedEvent[]> {
    return this.page.evaluate(
      () => (window as unknown as { reprieveEventsSeen: RecordedEvent[] }).reprieveEventsSeen,
    );
  }

  async eventNames(): Promise<string[]> {
    return (await this.events()).map((event) => event.name);
  }

  part(name: string): Locator {
    return this.root.locator(`[part~="${name}"]`);
  }

  get primary(): Locator {
    return this.part("primary");
  }

  /** The widget says that it shows this screen, and its headline can be seen. */
  async expectScreen(screen: Screen, options?: { timeout: number }): Promise<void> {
    await expect(this.root).toHaveAttribute("data-screen", screen, options);
    await expect(this.part("title").last()).toBeVisible();
    // The panel is downloaded when it is opened; until it stands, the main button is the banner's.
    if (screen === "confirm") await expect(this.root.locator("dialog .primary")).toBeVisible();
  }

  async expectNothing(): Promise<void> {
    await expect(this.part("banner")).toHaveCount(0);
    await expect(this.part("panel")).toHaveCount(0);
  }

  /** From the banner to the panel with mounted card fields. */
  async openPanel(): Promise<void> {
    await this.expectScreen("banner");
    await this.primary.click();
    await this.expectScreen("update");
    await expect(this.cardFrame().locator(NUMBER)).toBeVisible({ timeout: FRAME_TIMEOUT_MS });
  }

  /** From the banner to the panel that says that the bank wants to see the customer. */
  async openConfirmation(): Promise<void> {
    await this.expectScreen("banner");
    await this.primary.click();
    await this.expectScreen("confirm");
  }

  /** The bank's question: the provider puts it into the page, outside of the element. */
  get challenge(): Locator {
    return this.page.locator(`body > iframe[title="${CHALLENGE_TITLE}"]`);
  }

  async answerBank(answer: "complete" | "fail" | "close"): Promise<void> {
    await this.challenge.contentFrame().locator(`#${answer}`).click({ timeout: FRAME_TIMEOUT_MS });
    await expect(this.challenge).toHaveCount(0);
  }

  cardFrame(): FrameLocator {
    return this.element.locator('[slot="provider-fields"] iframe').first().contentFrame();
  }

  async fillCard(number: string): Promise<void> {
    await fillCardIn(this.cardFrame(), number);
  }

  /** Another kind of method than a typed card. */
  async chooseKind(kind: "google_pay" | "sepa_debit" | "ideal" | "bancontact"): Promise<void> {
    await this.cardFrame().locator(`input[name="kind"][value="${kind}"]`).check();
  }

  async fillAccount(iban: string): Promise<void> {
    const frame = this.cardFrame();
    await frame.locator('input[name="iban"]').fill(iban);
    await frame.locator('input[name="holder"]').fill("Ada Example");
    await frame.locator('input[name="email"]').fill("ada@example.com");
  }

  /** Banner → panel → IBAN → pay. */
  async payByDebit(iban: string): Promise<void> {
    await this.openPanel();
    await this.chooseKind("sepa_debit");
    await this.fillAccount(iban);
    await this.primary.click();
  }

  /** Banner → panel → card → pay. */
  async payWith(number: string): Promise<void> {
    await this.openPanel();
    await this.fillCard(number);
    await this.primary.click();
  }
}

/** Types a card into the provider's own fields, wherever they stand. */
export async function fillCardIn(frame: FrameLocator, number: string): Promise<void> {
  await frame.locator(NUMBER).fill(number);
  await frame.locator(EXPIRY).fill("12 / 34");
  await frame.locator(CODE).fill("123");
}

const CHALLENGE_TITLE = "3D Secure authentication frame";
const NUMBER = 'input[autocomplete="cc-number"]';
const EXPIRY = 'input[autocomplete="cc-exp"]';
const CODE = 'input[autocomplete="cc-csc"]';
