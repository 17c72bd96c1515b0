// One stage of the whole song as a picture: where it plays, how high and how loud; block borders and bars behind.
import type { Roll } from "../../types";
import type { Palette } from "../roll_drawing";

const CLOSEST_PX = 5; // bars nearer than this would be a gray veil

/** Draw into `width` × `height` CSS pixels of a context that is scaled to the device. */
export function drawLane(context: CanvasRenderingContext2D, roll: Roll, borders: readonly number[], width: number, height: number, palette: Palette): void {
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  const x = (tick: number) => (tick / Math.max(1, roll.end_tick)) * width;
  context.fillStyle = palette.beat;
  if (width / Math.max(1, roll.bar_ticks.length) >= CLOSEST_PX) for (const tick of roll.bar_ticks) context.fillRect(Math.round(x(tick)), 0, 1, height);
  context.fillStyle = palette.bar;
  for (const tick of borders) context.fillRect(Math.round(x(tick)), 0, 1, height);
  const rows = rowsOf(roll);
  const rowHeight = (height - 4) / Math.max(rows.size, 8);
  const top = (height - rowHeight * rows.size) / 2;
  context.fillStyle = palette.note;
  for (const track of roll.tracks) {
    for (const [onset, duration, pitch, velocity] of track.notes) {
      const left = x(onset);
      const wide = track.is_drum ? 1.5 : Math.max(1.5, x(Math.min(onset + duration, roll.end_tick)) - left - 0.5);
      context.globalAlpha = 0.45 + (0.55 * Math.min(120, velocity)) / 120;
      context.fillRect(left, top + rows.get(pitch)! * rowHeight, wide, Math.max(1.5, rowHeight - 0.5));
    }
  }
  context.globalAlpha = 1;
}

/** Row of each pitch, from the top: every pitch between the outermost, or, of drums, those that are played. */
function rowsOf(roll: Roll): Map<number, number> {
  const played = [...new Set(roll.tracks.flatMap((track) => track.notes.map((note) => note[2])))].sort((a, b) => b - a);
  if (roll.tracks.some((track) => track.is_drum)) return new Map(played.map((pitch, row) => [pitch, row]));
  const [high, low] = [played[0] ?? 60, played.at(-1) ?? 60];
  return new Map(Array.from({ length: high - low + 1 }, (_, row) => [high - row, row]));
}
