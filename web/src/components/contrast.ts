// The ontology's colors as accents that can be seen: contrast by WCAG 2, and a color moved toward the ink until it is enough.
type Rgb = readonly [number, number, number]; // 0 to 255

export function readHex(hex: string | null): Rgb | null {
  const found = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex?.trim() ?? "");
  return found ? [parseInt(found[1]!, 16), parseInt(found[2]!, 16), parseInt(found[3]!, 16)] : null;
}

/** What getComputedStyle writes: "rgb(31, 32, 35)" or "color(srgb 0.1 0.2 0.3)". */
export function readCss(text: string): Rgb {
  const numbers = (text.match(/[\d.]+/g) ?? ["0", "0", "0"]).map(Number);
  const scale = text.startsWith("color(") ? 255 : 1;
  return [numbers[0]! * scale, numbers[1]! * scale, numbers[2]! * scale];
}

function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** From 1 (the same) to 21 (black on white). */
export function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

/** `color` mixed with `ink` just as far as it takes to reach `least` against `background`. */
export function readable(color: Rgb, background: Rgb, ink: Rgb, least: number): string {
  for (let share = 0; share <= 1; share += 0.05) {
    const mixed = color.map((part, place) => Math.round(part * (1 - share) + ink[place]! * share)) as unknown as Rgb;
    if (contrast(mixed, background) >= least) return `rgb(${mixed.join(", ")})`;
  }
  return `rgb(${ink.join(", ")})`;
}
