/** The dialog about leaving, as a person sees and presses it. Every press is counted. */
import { expect, type Locator, type Page } from "@playwright/test";

export type CancelScreen =
  | "loading"
  | "problem"
  | "nothing"
  | "choose"
  | "manage"
  | "survey"
  | "offer"
  | "feedback"
  | "confirm"
  | "done"
  | "kept"
  | "undone";

/** A little more than the time in which a screen takes no press (`widget/loader/cancel.js`). */
export const READ_MS = 450;
const LOAD_TIMEOUT_MS = 60_000;
/** A button that is not there any more is not waited for. */
const SCREEN_CHANGE_MS = 5_000;

export class CancelDialog {
  readonly page: Page;
  readonly host: Locator;
  readonly root: Locator;
  readonly dialog: Locator;
  clicks = 0;

  constructor(page: Page) {
    this.page = page;
    this.host = page.locator('reprieve-widget [data-reprieve-dialog="cancel"]');
    this.root = this.host.locator("[data-screen]");
    this.dialog = this.root.locator("dialog");
  }

  /** Presses something, as somebody who has read the screen, and counts. */
  async press(target: Locator): Promise<void> {
    this.clicks += 1;
    await this.read();
    await target.click();
  }

  /** Waits as long as a screen takes no press. */
  async read(): Promise<void> {
    await this.page.waitForTimeout(READ_MS);
  }

  /** Opens it with a button of the page, as `data-reprieve` names it. */
  async open(aim: "cancel" | "manage" = "cancel"): Promise<void> {
    // The loader listens once it has defined the element.
    await this.page.waitForFunction(() => customElements.get("reprieve-widget") !== undefined);
    await this.press(this.page.locator(`main [data-reprieve="${aim}"]`));
    await expect(this.dialog).toBeVisible({ timeout: LOAD_TIMEOUT_MS });
    await expect(this.root).not.toHaveAttribute("data-screen", "loading");
  }

  async screen(): Promise<string> {
    return (await this.root.getAttribute("data-screen")) ?? "";
  }

  async expectScreen(screen: CancelScreen): Promise<void> {
    await expect(this.root).toHaveAttribute("data-screen", screen);
    await expect(this.title).toBeVisible();
  }

  get title(): Locator {
    return this.dialog.locator("h2");
  }

  /** Every button that decides something, in order. */
  get choices(): Locator {
    return this.dialog.locator('[part~="choice"]');
  }

  choice(name: string): Locator {
    return this.dialog.getByRole("button", { name, exact: true });
  }

  /** The buttons at the foot: the way out stands first. */
  get foot(): Locator {
    return this.dialog.locator(".foot [part~='choice']");
  }

  get wayOut(): Locator {
    return this.foot.first();
  }

  get back(): Locator {
    return this.dialog.locator('[part~="back"]');
  }

  get note(): Locator {
    return this.dialog.locator('[part~="note"]');
  }

  async close(): Promise<void> {
    await this.page.keyboard.press("Escape");
    await expect(this.host).toHaveCount(0);
  }

  /** From wherever it is to the receipt, by the shortest way, answering nothing. */
  async leave(): Promise<void> {
    for (let screens = 0; screens < 8; screens += 1) {
      const before = await this.screen();
      if (before === "done") return;
      // Of this screen only: the first button of the next one may decide something else.
      const here = this.host.locator(`[data-screen="${before}"] .foot [part~='choice']`).first();
      try {
        await this.read();
        await here.click({ timeout: SCREEN_CHANGE_MS });
      } catch {
        continue;
      }
      this.clicks += 1;
      await expect(this.root).not.toHaveAttribute("data-screen", before);
    }
    throw new Error(`still on ${await this.screen()}`);
  }
}
