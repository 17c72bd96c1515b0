// A roll as a picture: rows by key, bars and beats, notes, chord names above, syllables below. Pure drawing, no state.
import type { Note, Roll } from "../types";
import { drawDrums } from "./drum_grid";

export interface Palette { background: string; row: string; tonic: string; beat: string; bar: string; text: string; note: string; font: string }
export interface Box { left: number; top: number; width: number; height: number } // CSS pixels

export const GUTTER_PX = 38; // names of pitches or drums
const LABEL_PX = 12; // one line of chord names or syllables
const SCALES: Record<string, number[]> = {
  major: [0, 2, 4, 5, 7, 9, 11], minor: [0, 2, 3, 5, 7, 8, 10], dorian: [0, 2, 3, 5, 7, 9, 10], phrygian: [0, 1, 3, 5, 7, 8, 10],
  lydian: [0, 2, 4, 6, 7, 9, 11], mixolydian: [0, 2, 4, 5, 7, 9, 10], locrian: [0, 1, 3, 5, 6, 8, 10],
};
const LETTERS: Record<string, number> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const SHARPS = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const FLATS = ["C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B"];

export interface Key { tonic: number; scale: ReadonlySet<number>; names: readonly string[] } // pitch classes

/** "F# minor" → tonic, its scale and how its notes are spelled; null where the key is not known. */
export function readKey(text: string): Key | null {
  const found = /^([A-G])([#♯b♭]?)\s*(\w*)/.exec(text.trim());
  const letter = found && LETTERS[found[1]!];
  if (letter === null || letter === undefined) return null;
  const shift = "#♯".includes(found![2] || "-") ? 1 : "b♭".includes(found![2] || "-") ? -1 : 0;
  const tonic = (letter + shift + 12) % 12;
  const mode = found![3]!.toLowerCase();
  const steps = SCALES[mode] ?? SCALES.major!;
  const isFlat = shift < 0 || (shift === 0 && [0, 5].includes((tonic - relativeMajor(mode) + 12) % 12) && (mode !== "major" || tonic === 5));
  return { tonic, scale: new Set(steps.map((step) => (tonic + step) % 12)), names: isFlat ? FLATS : SHARPS };
}

const relativeMajor = (mode: string): number => ({ minor: 9, dorian: 2, phrygian: 4, lydian: 5, mixolydian: 7, locrian: 11 })[mode] ?? 0;

export function pitchName(pitch: number, key: Key | null): string {
  return `${(key?.names ?? SHARPS)[((pitch % 12) + 12) % 12]}${Math.floor(pitch / 12) - 1}`;
}

export const isDrums = (roll: Roll): boolean => roll.tracks.some((track) => track.is_drum) && !roll.tracks.some((track) => !track.is_drum && track.notes.length > 0);

/** Ticks of one beat as the meter writes it: an eighth in 6/8. */
export function beatTicks(roll: Roll): number {
  const unit = Number(/\/\s*(\d+)/.exec(roll.meter)?.[1] ?? 4);
  return (roll.ticks_per_beat * 4) / (unit || 4);
}

export const tickToX = (tick: number, roll: Roll, width: number): number => GUTTER_PX + (tick / Math.max(1, roll.end_tick)) * (width - GUTTER_PX - 1);
export const xToTick = (x: number, roll: Roll, width: number): number =>
  Math.max(0, Math.min(roll.end_tick, ((x - GUTTER_PX) / Math.max(1, width - GUTTER_PX - 1)) * roll.end_tick));

/** Draw into a canvas of `width` × `height` CSS pixels whose context is already scaled to the device. */
export function drawRoll(context: CanvasRenderingContext2D, roll: Roll, width: number, height: number, palette: Palette, key: Key | null): void {
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  context.textBaseline = "middle";
  context.font = `11px ${palette.font}`;
  const chordLines = roll.chords.length ? labelLines(context, roll.chords, roll, width, 2) : [];
  const syllableLines = roll.syllables.length ? labelLines(context, roll.syllables, roll, width, 3) : [];
  const top = chordLines.length * LABEL_PX + (chordLines.length ? 3 : 0);
  const bottom = syllableLines.length * LABEL_PX + (syllableLines.length ? 2 : 0);
  const box = { left: GUTTER_PX, top, width: width - GUTTER_PX, height: Math.max(20, height - top - bottom) };
  if (isDrums(roll)) drawDrums(context, roll, box, width, palette);
  else drawPitches(context, roll, box, width, palette, key);
  context.fillStyle = palette.text;
  context.textAlign = "left";
  drawLines(context, chordLines, 1);
  drawLines(context, syllableLines, box.top + box.height + 2);
}

interface Label { text: string; x: number }

/** Put names into as few lines as they need without touching; what fits in none is left out (the text alternative has it). */
function labelLines(context: CanvasRenderingContext2D, names: readonly [number, string][], roll: Roll, width: number, most: number): Label[][] {
  const lines: Label[][] = [];
  const ends: number[] = [];
  for (const [tick, text] of names) {
    const x = tickToX(tick, roll, width) + 1;
    const wide = context.measureText(text).width;
    let line = ends.findIndex((end) => end <= x);
    if (line < 0 && lines.length < most) line = lines.push([]) - 1;
    if (line < 0 || x + wide > width + 12) continue;
    lines[line]!.push({ text, x: Math.min(x, width - wide) });
    ends[line] = x + wide + 4;
  }
  return lines;
}

function drawLines(context: CanvasRenderingContext2D, lines: Label[][], top: number): void {
  lines.forEach((line, place) => {
    for (const { text, x } of line) context.fillText(text, x, top + place * LABEL_PX + LABEL_PX / 2);
  });
}

/** Bars and beats behind the notes. Beats closer than 5 px would be a gray veil and are left out. */
export function drawTime(context: CanvasRenderingContext2D, roll: Roll, box: Box, width: number, palette: Palette): void {
  const beat = beatTicks(roll);
  const isRoomy = (beat / Math.max(1, roll.end_tick)) * box.width >= 5;
  context.fillStyle = palette.beat;
  if (isRoomy) for (let tick = beat; tick < roll.end_tick; tick += beat) context.fillRect(Math.round(tickToX(tick, roll, width)), box.top, 1, box.height);
  context.fillStyle = palette.bar;
  for (const tick of roll.bar_ticks) if (tick <= roll.end_tick) context.fillRect(Math.round(tickToX(tick, roll, width)), box.top, 1, box.height);
}

function drawPitches(context: CanvasRenderingContext2D, roll: Roll, box: Box, width: number, palette: Palette, key: Key | null): void {
  const [low, high] = pitchRange(roll);
  const rowHeight = box.height / (high - low + 1);
  const y = (pitch: number) => box.top + (high - pitch) * rowHeight;
  for (let pitch = low; pitch <= high; pitch += 1) {
    const pitchClass = pitch % 12;
    const shade = key === null ? null : pitchClass === key.tonic ? palette.tonic : key.scale.has(pitchClass) ? null : palette.row;
    if (shade === null) continue;
    context.fillStyle = shade;
    context.fillRect(box.left, y(pitch), box.width, rowHeight);
  }
  drawTime(context, roll, box, width, palette);
  drawPitchNames(context, low, high, y, rowHeight, palette, key);
  roll.tracks.forEach((track, place) => {
    if (track.is_drum) return;
    for (const note of track.notes) drawNote(context, note, roll, width, y(note[2]), rowHeight, palette, place > 0);
  });
  context.globalAlpha = 1;
}

/** A filled bar, stronger where it is louder; further tracks are outlined, so that they differ by more than shade. */
function drawNote(context: CanvasRenderingContext2D, note: Note, roll: Roll, width: number, y: number, rowHeight: number, palette: Palette, isOutlined: boolean): void {
  const [onset, duration, , velocity] = note;
  const left = tickToX(onset, roll, width);
  const wide = Math.max(2, tickToX(Math.min(onset + duration, roll.end_tick), roll, width) - left - 1);
  const high = Math.max(3, Math.min(9, rowHeight - 0.5));
  const top = y + (rowHeight - high) / 2;
  context.globalAlpha = 0.7 + (0.3 * Math.min(110, velocity)) / 110;
  context.beginPath();
  context.roundRect(left, top, wide, high, Math.min(2, high / 2));
  if (isOutlined) {
    context.lineWidth = 1.5;
    context.strokeStyle = palette.note;
    context.stroke();
  } else {
    context.fillStyle = palette.note;
    context.fill();
  }
}

/** Rows that have a note, with one to spare on either side and an octave at least. */
function pitchRange(roll: Roll): [number, number] {
  let low = 127;
  let high = 0;
  for (const track of roll.tracks) {
    if (track.is_drum) continue;
    for (const note of track.notes) {
      low = Math.min(low, note[2]);
      high = Math.max(high, note[2]);
    }
  }
  if (low > high) return [55, 67];
  const spare = Math.max(2, 13 - (high - low + 1));
  return [low - Math.floor(spare / 2), high + Math.ceil(spare / 2)];
}

/** The tonic of every octave, or the outermost rows where no key is known. */
function drawPitchNames(context: CanvasRenderingContext2D, low: number, high: number, y: (pitch: number) => number, rowHeight: number, palette: Palette, key: Key | null): void {
  context.fillStyle = palette.text;
  context.font = `10px ${palette.font}`;
  context.textAlign = "right";
  const named: number[] = [];
  for (let pitch = low; pitch <= high; pitch += 1) if (key ? pitch % 12 === key.tonic : pitch === low + 1 || pitch === high - 1) named.push(pitch);
  for (const pitch of named) context.fillText(pitchName(pitch, key), GUTTER_PX - 5, y(pitch) + rowHeight / 2);
  context.font = `11px ${palette.font}`;
}
