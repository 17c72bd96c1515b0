// A roll in one sentence, for those who cannot see it: how long, how many notes, from where to where, which chords or words.
import type { Roll } from "../types";
import { countHits } from "./drum_grid";
import { plural } from "./format";
import { isDrums, pitchName, type Key } from "./roll_drawing";

const MOST_CHORDS = 24;

export function describeRoll(roll: Roll, key: Key | null): string {
  const parts = [`${plural(roll.bar_ticks.filter((tick) => tick < roll.end_tick).length, "bar")} of ${roll.meter}`];
  const pitches = roll.tracks.filter((track) => !track.is_drum).flatMap((track) => track.notes.map((note) => note[2]));
  if (isDrums(roll)) {
    parts.push(...countHits(roll).map(([lane, count]) => `${lane} ${count}`));
  } else if (pitches.length) {
    const [low, high] = pitches.reduce(([least, most], pitch) => [Math.min(least, pitch), Math.max(most, pitch)], [127, 0]);
    parts.push(plural(pitches.length, "note"), `${pitchName(low, key)} to ${pitchName(high, key)}`);
  } else {
    parts.push("no notes");
  }
  const chords = roll.chords.map(([, name]) => name);
  if (chords.length) parts.push(`chords ${chords.slice(0, MOST_CHORDS).join(" ")}${chords.length > MOST_CHORDS ? " …" : ""}`);
  if (roll.syllables.length) parts.push(`sung: ${sungText(roll)}`);
  return parts.join(", ");
}

/** "kit-" "chen" → "kitchen"; a word that goes on over several notes ("_", "-", "+") is said once. */
export function sungText(roll: Roll): string {
  let text = "";
  for (const [, syllable] of roll.syllables) {
    const clean = syllable.trim();
    if (/^[-_+~]*$/.test(clean)) continue;
    text += clean.endsWith("-") ? clean.slice(0, -1) : `${clean} `;
  }
  return text.trim();
}
