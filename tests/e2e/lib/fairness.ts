/** What is fair on a screen about leaving, measured and read as a person would. */
import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { CancelDialog } from "./cancel.ts";
import { contrast } from "./contrast.ts";
import type { Step } from "./views.ts";

export const LANGUAGES = ["en", "de", "ar", "ja", "fr", "es", "pt", "pl", "tr", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];

export const PHONE = { width: 390, height: 780 };

/** WCAG 2.2, 1.4.3 (contrast) and, stricter than 2.5.8, the usual size of a finger. */
const CONTRAST_MIN = 4.5;
const TARGET_PX_MIN = 44;

/** What two buttons of the same decision must have in common, whatever they say. */
const SAME = [
  "fontSize",
  "fontWeight",
  "fontFamily",
  "color",
  "backgroundColor",
  "borderTopWidth",
  "borderTopColor",
  "borderTopStyle",
  "borderTopLeftRadius",
  "opacity",
  "textDecorationLine",
  "paddingTop",
] as const;

/**
 * Words that push, shame, threaten, hurry or turn a sentence round. A list cannot find everything;
 * what was once found in the wild is never said here.
 */
const FORBIDDEN: Record<Language, RegExp[]> = {
  en: [
    /are you (really )?sure/i,
    /no,? thanks/i,
    /don.t (go|leave)/i,
    /sorry to see you go|we.ll miss you|miss out/i,
    /you.?(ll| will) lose|lose (your|all|access)/i,
    /hurry|only today|last chance|limited time|expires in|\d+ (minutes|seconds) left/i,
    /don.t (not|cancel)|do not (un|cancel)/i,
    /never mind/i,
    /unfortunately|sadly|regret/i,
  ],
  de: [
    /wirklich|sicher, dass/i,
    /nein,? danke/i,
    /schade|vermissen|bedauer|leider/i,
    /verlier|verpass|entgeht/i,
    /nur heute|letzte chance|nur noch|beeil/i,
    /nicht (nicht|kündigen)|un(kündig|wider)/i,
    /doch nicht/i,
  ],
  ar: [
    /هل أنت متأكد/,
    /لا،? شكرًا/,
    /للأسف|نأسف|سنفتقدك/,
    /ستخسر|ستفقد/,
    /أسرع|اليوم فقط|آخر فرصة/,
  ],
  ja: [/本当に/, /よろしいですか/, /残念|寂しい/, /失われ|失います|損/, /今だけ|お急ぎ|残りわずか/],
  fr: [
    /êtes-vous (vraiment )?sûr/i,
    /non,? merci/i,
    /ne partez pas|restez/i,
    /manquer(ez|a)|dommage|désolé|regrett/i,
    /perd(re|ez|rez)/i,
    /dépêchez|dernière chance|aujourd.hui seulement|plus que \d/i,
    /malheureusement|hélas/i,
  ],
  es: [
    /segur[oa] de que|¿segur/i,
    /no,? gracias/i,
    /no te vayas|quédate/i,
    /echar(emos)? de menos|lástima|lament|lo sentimos/i,
    /perder|pierd/i,
    /date prisa|última oportunidad|solo hoy|por tiempo limitado/i,
    /por desgracia|desgraciadamente/i,
  ],
  pt: [
    /tem certeza/i,
    /não,? obrigad/i,
    /não vá|\bfique\b/i,
    /sentiremos|saudade|que pena|\blament/i,
    /perder|perde\b/i,
    /corra\b|última chance|só hoje|por tempo limitado/i,
    /infelizmente/i,
  ],
  pl: [
    /na pewno/i,
    /nie,? dziękuj/i,
    /nie odchodź|zostań/i,
    /szkoda|przykro|tęskni|żału/i,
    /strac|utrac/i,
    /pospiesz|ostatnia szansa|tylko dzi(ś|siaj)/i,
    /niestety/i,
  ],
  tr: [
    /emin misiniz/i,
    /hayır,? teşekkür/i,
    /gitmeyin|bizimle kalın/i,
    /üzgün|özleriz|özleye|yazık/i,
    /kaybed/i,
    /acele|son şans|(sadece|yalnızca) bugün/i,
    /maalesef/i,
  ],
  ko: [
    /정말|확실합니까|확실한가요/,
    /아니요,? 괜찮/,
    /떠나지 마|가지 마/,
    /아쉽|아쉬|죄송|안타깝|그리울/,
    /잃|놓치/,
    /서두르|마지막 기회|오늘만/,
  ],
};

interface Look {
  label: string;
  style: Record<string, string>;
  contrast: number;
  width: number;
  height: number;
  top: number;
  bottom: number;
  isInFoot: boolean;
}

/** Measures every button that decides something, as it is painted. */
async function looks(page: Page): Promise<Look[]> {
  const seen = await page.evaluate((same) => {
    const host = document.querySelector("reprieve-widget")!.shadowRoot!;
    const root = host.querySelector('[data-reprieve-dialog="cancel"]')!.shadowRoot!;
    // A canvas knows every way to write a colour.
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
    const rgb = (colour: string) => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      return [...pen.getImageData(0, 0, 1, 1).data];
    };
    return [...root.querySelectorAll<HTMLElement>('dialog [part~="choice"]')].map((button) => {
      const style = getComputedStyle(button) as unknown as Record<string, string>;
      const { width, height, top, bottom } = button.getBoundingClientRect();
      return {
        label: button.textContent ?? "",
        style: Object.fromEntries(same.map((name) => [name, style[name]!])),
        colours: [rgb(style.color!), rgb(style.backgroundColor!)] as const,
        width,
        height,
        top,
        bottom,
        isInFoot: button.closest(".foot") !== null,
      };
    });
  }, SAME as unknown as string[]);
  return seen.map(({ colours, ...look }) => ({ ...look, contrast: contrast(...colours) }));
}

/** Words of `language` that push, found in `text`. */
export function pushing(text: string, language: Language): string[] {
  return FORBIDDEN[language].filter((it) => it.test(text)).map(String);
}

/** Everything that can be read on the screen, by eye or by ear. */
function words(page: Page): Promise<string> {
  return page.evaluate(() => {
    const host = document.querySelector("reprieve-widget")!.shadowRoot!;
    const root = host.querySelector('[data-reprieve-dialog="cancel"]')!.shadowRoot!;
    const dialog = root.querySelector("dialog")!;
    const named = [...dialog.querySelectorAll("[aria-label], [title]")];
    const labels = named.flatMap((it) => [it.getAttribute("aria-label"), it.getAttribute("title")]);
    return [dialog.innerText, ...labels].join("\n");
  });
}

/** Keys of what the first button of a screen may be called, where it leads on to leaving. */
const WAYS_OUT: Partial<Record<Step, string[]>> = {
  survey: ["action.skip"],
  offer: ["cancel.confirm", "cancel.confirm.de", "withdraw.confirm"],
  confirm: ["cancel.confirm", "cancel.confirm.de", "withdraw.confirm"],
};

function expectWayOutFirst(foot: Look[], step: Step, language: Language, where: string): void {
  const keys = WAYS_OUT[step];
  if (keys === undefined) return;
  const file = new URL(`../../../widget/locale/cancel/${language}.json`, import.meta.url);
  const texts = JSON.parse(readFileSync(file, "utf8")) as Record<string, string>;
  const labels = keys.map((key) => texts[key]);
  expect(labels, `${where}: the first button is the way out`).toContain(foot[0]?.label);
}

async function expectEqualChoices(page: Page, where: string): Promise<{ foot: Look[] }> {
  const all = await looks(page);
  expect(all.length, `${where}: there is something to press`).toBeGreaterThan(0);
  const [first] = all;
  for (const look of all) {
    const it = `${where}: "${look.label}"`;
    expect(look.style, `${it} looks like "${first!.label}"`).toEqual(first!.style);
    expect(look.contrast, `${it}, contrast`).toBeGreaterThanOrEqual(CONTRAST_MIN);
    expect(look.height, `${it}, height`).toBeGreaterThanOrEqual(TARGET_PX_MIN);
  }
  const foot = all.filter((look) => look.isInFoot);
  for (const look of foot) {
    expect(look.width, `${where}: width of "${look.label}"`).toBeCloseTo(foot[0]!.width, 0);
    // In sight without scrolling, however long the screen is.
    expect(look.top, `${where}: "${look.label}" is in sight`).toBeGreaterThanOrEqual(0);
    expect(look.bottom, `${where}: "${look.label}" is in sight`).toBeLessThanOrEqual(PHONE.height);
  }
  // An offer's button is not larger than the way out.
  for (const look of all) expect(look.width).toBeLessThanOrEqual(foot[0]!.width + 0.5);
  return { foot };
}

export async function expectFair(
  page: Page,
  step: Step,
  language: Language,
  where: string,
): Promise<void> {
  const { foot } = await expectEqualChoices(page, where);
  expectWayOutFirst(foot, step, language, where);
  const dialog = new CancelDialog(page);
  const text = await words(page);
  for (const pattern of FORBIDDEN[language]) expect(text, where).not.toMatch(pattern);
  // A sentence that is missing shows as its key: `offer.title`.
  expect(text, `${where}: a sentence is missing`).not.toMatch(/\b[a-z_]{3,}\.[a-z_.]{3,}\b/);
  expect(text, `${where}: a value is missing`).not.toMatch(/[{}]|NaN|undefined|Invalid/);

  expect(await dialog.dialog.locator("input:checked").count(), `${where}: picked`).toBe(0);
  expect(await dialog.dialog.locator("input[type=checkbox]").count(), where).toBe(0);
  expect(await dialog.dialog.locator("[disabled], [aria-disabled=true]").count(), where).toBe(0);
  await expect(dialog.dialog.locator('[part~="dismiss"]'), where).toBeVisible();
  const person = dialog.dialog.locator('[data-reprieve="question"]');
  await expect(person, `${where}: a person`).toBeVisible();
  const isOver = step === "done" || step === "kept";
  if (!isOver) await expect(dialog.back, `${where}: back`).toBeVisible();

  const focused = await dialog.title.evaluate(
    (it) => (it.getRootNode() as ShadowRoot).activeElement === it,
  );
  expect(focused, `${where}: the heading has the focus`).toBe(true);

  // Nothing on these screens ticks or moves.
  const later = await words(page);
  expect(later, `${where}: the words change by themselves`).toBe(text);
}
