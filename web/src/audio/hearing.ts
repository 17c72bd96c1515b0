// How loud each part is heard: the choice that is on, mutes and solos, and choices brought to one loudness.
import type { Roll } from "../types";
import type { Part, PlayerState } from "./contract";
import type { PartScore } from "./messages";
import { part_gain } from "./score";

const MOST_DB = 12; // matching does not raise what is nearly silent

/** Decibels to add to each choice so that all have the mean loudness (LUFS) of those that are known and not silent. */
export function matching_db(lufs: readonly (number | null | undefined)[]): number[] {
  const known = lufs.filter((value): value is number => typeof value === "number");
  const mean = known.reduce((a, b) => a + b, 0) / Math.max(1, known.length);
  return lufs.map((value) => (typeof value === "number" ? Math.min(MOST_DB, Math.max(-MOST_DB, mean - value)) : 0));
}

/** Gain of each part by its key. */
export function hearing(state: PlayerState, scores: WeakMap<Roll, PartScore>, loudness: WeakMap<PartScore, number | null>): Record<string, number> {
  const { scene, choice, muted, solo, matched } = state;
  if (!scene) return {};
  const heard = ({ stage }: Part) => (solo.size ? solo.has(stage) : !muted.has(stage));
  const levels: Record<string, number> = {};
  for (const part of scene.common) levels[part.key] = heard(part) ? part_gain(part, scene) : 0;
  const lufs = scene.choices.map(({ part }) => {
    const score = scores.get(part.roll);
    return score && loudness.get(score);
  });
  const more_db = matching_db(lufs);
  scene.choices.forEach(({ part }, k) => {
    if (k !== choice) levels[part.key] ??= 0;
    else levels[part.key] = heard(part) ? part_gain(part, scene) * (matched ? 10 ** (more_db[k]! / 20) : 1) : 0;
  });
  return levels;
}
