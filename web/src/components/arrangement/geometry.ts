// Where things lie on the time axis that energy, blocks, cells and notes share: bars to CSS pixels.
import type { ArrangedBlock } from "../../types";

export const LABEL_PX = 196; // names and controls of the rows, left of the time axis
const NARROWEST_PX = 46; // of a block: its name can be guessed; the whole of it is in its title
const LONGEST_PX = 6000; // of the axis: beyond that short blocks become narrower after all

export interface Place { left: number; width: number; start_bar: number }
export interface Axis { width: number; n_bars: number; places: Place[] }

/** Blocks in proportion to their bars, as wide as there is room, or wider and scrolled where a block would be too narrow. */
export function axisOf(blocks: readonly ArrangedBlock[], room: number): Axis {
  const n_bars = blocks.reduce((sum, { bars }) => sum + bars, 0) || 1;
  const shortest = Math.min(...blocks.map(({ bars }) => bars), n_bars);
  const width = Math.max(room, Math.min(LONGEST_PX, Math.ceil((NARROWEST_PX / shortest) * n_bars)), 1);
  let start_bar = 0;
  const places = blocks.map(({ bars }) => {
    const place = { left: (start_bar / n_bars) * width, width: (bars / n_bars) * width, start_bar };
    start_bar += bars;
    return place;
  });
  return { width, n_bars, places };
}

/** Where a block that is dragged to `x` would stand among the others: its index when it is taken out. */
export function dropIndex(axis: Axis, from: number, x: number): number {
  return axis.places.filter(({ left, width }, index) => index !== from && left + width / 2 < x).length;
}

/** Left edge of the gap that `dropIndex` means, on the axis as it is now. */
export function gapAt(axis: Axis, from: number, index: number): number {
  const others = axis.places.filter((_, place) => place !== from);
  const next = others[index];
  const last = others.at(-1);
  return next ? next.left : last ? last.left + last.width : 0;
}

/** Bars that are numbered: as many as can be read. */
export function numberedBars({ n_bars, width }: Axis): number[] {
  const every = [1, 2, 4, 8, 16, 32, 64].find((n) => (n / n_bars) * width >= 34) ?? 128;
  return Array.from({ length: Math.ceil(n_bars / every) }, (_, index) => index * every);
}
