/** How well a colour can be told from another (WCAG 2.2, relative luminance and contrast ratio). */

/** Red, green and blue from 0 to 255; what follows, such as the opacity, does not count. */
export type Colour = readonly number[];

function luminance(colour: Colour): number {
  const [r, g, b] = colour.slice(0, 3).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

/** From 1, the same, to 21, black on white. */
export function contrast(one: Colour, other: Colour): number {
  const both = [luminance(one), luminance(other)];
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}
