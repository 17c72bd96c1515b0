// Drums as a grid: one lane per kind of drum, named; a mark per hit, paler where it is softer, hollow where it rings open.
import type { Roll } from "../types";
import { drawTime, GUTTER_PX, tickToX, type Box, type Palette } from "./roll_drawing";

interface Lane { name: string; pitches: readonly number[] }

// General MIDI percussion, from the cymbals down to the kick: the order of a drum part on paper.
const LANES: readonly Lane[] = [
  { name: "crash", pitches: [49, 57, 52, 55] },
  { name: "ride", pitches: [51, 53, 59] },
  { name: "hat", pitches: [42, 44, 46] },
  { name: "toms", pitches: [41, 43, 45, 47, 48, 50] },
  { name: "perc", pitches: [] }, // everything no other lane has
  { name: "snare", pitches: [37, 38, 39, 40] },
  { name: "kick", pitches: [35, 36] },
];
const ALWAYS = new Set(["hat", "snare", "kick"]);
const OPEN = new Set([46]); // open hi-hat
const RIM = new Set([37]); // side stick: a cross
export const GHOST_VELOCITY = 45; // below: a ghost note

const laneByPitch = new Map(LANES.flatMap((lane) => lane.pitches.map((pitch) => [pitch, lane.name] as const)));
export const laneOf = (pitch: number): string => laneByPitch.get(pitch) ?? "perc";

/** Hits per lane, in the grid's order; lanes without hits are left out. */
export function countHits(roll: Roll): [string, number][] {
  const counts = new Map<string, number>();
  for (const track of roll.tracks) for (const note of track.notes) counts.set(laneOf(note[2]), (counts.get(laneOf(note[2])) ?? 0) + 1);
  return LANES.filter((lane) => counts.has(lane.name)).map((lane) => [lane.name, counts.get(lane.name)!]);
}

export function drawDrums(context: CanvasRenderingContext2D, roll: Roll, box: Box, width: number, palette: Palette): void {
  const used = new Set(countHits(roll).map(([name]) => name));
  const lanes = LANES.filter((lane) => used.has(lane.name) || ALWAYS.has(lane.name));
  const laneHeight = box.height / lanes.length;
  const middle = new Map(lanes.map((lane, place) => [lane.name, box.top + (place + 0.5) * laneHeight]));
  context.font = `10px ${palette.font}`;
  context.textAlign = "right";
  lanes.forEach((lane, place) => {
    if (place % 2 === 0) {
      context.fillStyle = palette.row;
      context.fillRect(box.left, box.top + place * laneHeight, box.width, laneHeight);
    }
    context.fillStyle = palette.text;
    context.fillText(lane.name, GUTTER_PX - 5, middle.get(lane.name)!);
  });
  drawTime(context, roll, box, width, palette);
  const size = Math.min(laneHeight * 0.62, 10, Math.max(3, hitSpace(roll, width) * 0.8));
  for (const track of roll.tracks) {
    for (const [onset, , pitch, velocity] of track.notes) {
      drawHit(context, tickToX(onset, roll, width), middle.get(laneOf(pitch))!, size, pitch, velocity, palette);
    }
  }
  context.globalAlpha = 1;
}

/** Pixels of a quarter of a beat: marks wider than that would touch. */
const hitSpace = (roll: Roll, width: number): number => ((roll.ticks_per_beat / 4) / Math.max(1, roll.end_tick)) * (width - GUTTER_PX);

function drawHit(context: CanvasRenderingContext2D, x: number, y: number, size: number, pitch: number, velocity: number, palette: Palette): void {
  const isGhost = velocity < GHOST_VELOCITY;
  const side = isGhost ? size * 0.65 : size;
  context.globalAlpha = isGhost ? 0.42 : 0.6 + (0.4 * Math.min(120, velocity)) / 120;
  context.fillStyle = palette.note;
  context.strokeStyle = palette.note;
  context.lineWidth = 1.5;
  context.beginPath();
  if (RIM.has(pitch)) {
    context.moveTo(x, y - side / 2);
    context.lineTo(x + side, y + side / 2);
    context.moveTo(x + side, y - side / 2);
    context.lineTo(x, y + side / 2);
    context.stroke();
  } else if (OPEN.has(pitch)) {
    context.arc(x + side / 2, y, Math.max(1.5, side / 2 - 0.75), 0, 2 * Math.PI);
    context.stroke();
  } else {
    context.roundRect(x, y - side / 2, side, side, 1.5);
    context.fill();
  }
}
