/** A game pad that is not there: the page's `navigator.getGamepads` says what the test wants. */
import type { Page } from "@playwright/test";

/** Buttons of the standard layout, https://www.w3.org/TR/gamepad/#remapping */
export const PAD = { a: 0, b: 1, up: 12, down: 13, left: 14, right: 15 } as const;
export type PadButton = keyof typeof PAD;

const BUTTONS = 17;
/** Longer than a frame of a slow machine, shorter than what repeats. */
const HELD_MS = 120;

/** Must run before the page loads. */
export async function plugIn(page: Page): Promise<void> {
  await page.addInitScript((buttons: number) => {
    const pad = {
      connected: true,
      mapping: "standard",
      axes: [0, 0, 0, 0],
      buttons: Array.from({ length: buttons }, () => ({ pressed: false })),
    };
    const asked = { times: 0 };
    Object.assign(window, { padOfTest: pad, padAsked: asked });
    navigator.getGamepads = () => {
      asked.times += 1;
      return [null, pad as unknown as Gamepad];
    };
  }, BUTTONS);
}

/** How often anybody has asked for the pads until now. */
export const timesAsked = (page: Page): Promise<number> =>
  page.evaluate(() => (window as any).padAsked.times);

/** Holds a button for this long and lets go. */
export async function press(page: Page, name: PadButton, held_ms = HELD_MS): Promise<void> {
  await page.evaluate(
    async ([button, ms]) => {
      const { buttons } = (window as any).padOfTest;
      const frame = () => new Promise(requestAnimationFrame);
      buttons[button!].pressed = true;
      await new Promise((go) => setTimeout(go, ms));
      await frame();
      buttons[button!].pressed = false;
      await frame();
      await frame();
    },
    [PAD[name], held_ms],
  );
}

/** Pushes the left stick this far to the right and down, then lets go. */
export async function push(page: Page, right: number, down: number): Promise<void> {
  await page.evaluate(
    async ([x, y, ms]) => {
      const { axes } = (window as any).padOfTest;
      const frame = () => new Promise(requestAnimationFrame);
      [axes[0], axes[1]] = [x, y];
      await new Promise((go) => setTimeout(go, ms));
      await frame();
      [axes[0], axes[1]] = [0, 0];
      await frame();
      await frame();
    },
    [right, down, HELD_MS],
  );
}

/** What has the keyboard, in words: its part, its name, or what it is. */
export const focusedName = (page: Page): Promise<string> =>
  page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    const opens = at?.getAttribute("data-reprieve");
    const value = at?.localName === "input" ? (at as HTMLInputElement).value : null;
    return opens ?? at?.getAttribute("part") ?? value ?? at?.localName ?? "";
  });
