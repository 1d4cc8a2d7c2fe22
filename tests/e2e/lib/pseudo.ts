/**
 * A language that nobody speaks, made of the English texts while a test runs: accents on letters,
 * 40 % longer, in brackets. What is cut, or was never taken from the file of texts, shows.
 */
import type { Page } from "@playwright/test";

const GROWTH = 0.4;
const PLAIN = "aceilnorstuyACEILNORSTUY";
const ACCENTED = "áçéíłñóŕšťúýÁÇÉÍŁÑÓŔŠŤÚÝ";
/** Words as long as German ones, and short ones. */
const MORE = " űberaüsgrößlîch õf ẃôrds änd Žwischenräümchen";

const accented = (text: string): string =>
  [...text].map((letter) => ACCENTED[PLAIN.indexOf(letter)] ?? letter).join("");

/** `{values}` stay as they are. */
export function pseudo(text: string): string {
  const parts = text.split(/(\{\w+\})/);
  const body = parts.map((part, at) => (at % 2 === 1 ? part : accented(part))).join("");
  const length = Math.ceil(text.length * GROWTH);
  const more = MORE.repeat(Math.ceil(length / MORE.length)).slice(0, length);
  return `[${body}${more}]`;
}

/** From now on this page gets the pseudo-language where it asks for English. */
export async function speakPseudo(page: Page): Promise<void> {
  await page.route(/\/v1\/assets\/[0-9a-f]+\/(locale|cancel)\/en\.json$/, async (route) => {
    const answer = await route.fetch();
    const texts = Object.entries((await answer.json()) as Record<string, string>);
    const changed = texts.map(([key, text]) => [key, key === "direction" ? text : pseudo(text)]);
    await route.fulfill({ response: answer, json: Object.fromEntries(changed) });
  });
}

/**
 * Everything of the widget that is cut off or sticks out: boxes that hide or scroll sideways what
 * does not fit, and lines of text beside their box or the window. Empty when all is well.
 */
export function overflows(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const lookAtBox = (element: HTMLElement, name: string) => {
      const { clientWidth, clientHeight, scrollWidth, scrollHeight } = element;
      const { overflowX, overflowY } = getComputedStyle(element);
      if (overflowX !== "visible" && scrollWidth > clientWidth) {
        found.push(`${name}: ${scrollWidth} in ${clientWidth}`);
      }
      const isCut = overflowY === "hidden" || overflowY === "clip";
      if (isCut && scrollHeight > clientHeight + 1) {
        found.push(`${name}: ${scrollHeight} high in ${clientHeight}`);
      }
    };
    const lookAtText = (element: HTMLElement, name: string) => {
      const box = element.getBoundingClientRect();
      const range = document.createRange();
      for (const node of element.childNodes) {
        if (node.nodeType !== Node.TEXT_NODE || !node.textContent?.trim()) continue;
        range.selectNodeContents(node);
        for (const { left, right } of range.getClientRects()) {
          const isInside = left >= box.left - 1 && right <= box.right + 1;
          if (!isInside || left < 0 || right > innerWidth) {
            found.push(`${name}: text from ${left} to ${right}`);
          }
        }
      }
    };
    const walk = (root: ParentNode) => {
      for (const element of root.querySelectorAll<HTMLElement>("*")) {
        // What only a screen reader reads is one pixel large; pictures and styles have no text.
        const { width, height } = element.getBoundingClientRect();
        if (width > 1 && height > 1 && !element.closest("svg")) {
          const name = `${element.localName}.${element.className} "${element.textContent}"`;
          lookAtBox(element, name);
          lookAtText(element, name);
        }
        if (element.shadowRoot) walk(element.shadowRoot);
      }
    };
    for (const element of document.querySelectorAll("reprieve-widget")) {
      if (element.shadowRoot) walk(element.shadowRoot);
    }
    const { scrollWidth } = document.documentElement;
    if (scrollWidth > innerWidth) found.push(`the page: ${scrollWidth} in ${innerWidth}`);
    return found;
  });
}
