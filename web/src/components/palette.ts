// The stylesheet's colors as a canvas needs them: resolved for the theme of now, notes in the song's color where it can be seen.
import { computed, signal } from "@preact/signals";
import { isDark } from "../state/theme";
import { readable, readCss, readHex } from "./contrast";
import type { Palette } from "./roll_drawing";

/** Device pixels per CSS pixel; changes with zoom and screen. */
export const pixelRatio = signal(window.devicePixelRatio || 1);
function watchRatio() {
  pixelRatio.value = window.devicePixelRatio || 1;
  matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`).addEventListener("change", watchRatio, { once: true });
}
watchRatio();

const resolved = computed(() => {
  void isDark.value; // the same names stand for other colors then
  const probe = document.createElement("span");
  document.body.append(probe);
  const color = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    background: color("--roll-bg"), row: color("--roll-row"), tonic: color("--roll-tonic"), beat: color("--roll-beat"),
    bar: color("--roll-bar"), text: color("--roll-text"), ink: color("--ink"), accent: color("--accent"), font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return found;
});

const made = computed(() => (void resolved.value, new Map<string, Palette>()));

/** Colors of a roll whose notes wear the color `hex`, moved toward the ink until they stand out (4:1 on the busiest row; the softest then still have 3:1). */
export function rollPalette(hex: string | null): Palette {
  const known = made.value.get(hex ?? "");
  if (known) return known;
  const { ink, accent, ...rest } = resolved.value;
  const note = readable(readHex(hex) ?? readCss(accent), readCss(rest.tonic), readCss(ink), 4);
  const palette: Palette = { ...rest, note };
  made.value.set(hex ?? "", palette);
  return palette;
}
