// Blind listening: order shuffled, nothing shown that could lead the ear until a candidate has been judged.
import { effect, signal } from "@preact/signals";
import type { Candidate } from "../types";

const KEPT = "whitelight.blind"; // seed of this activation, so that a reload keeps the order

const seed = signal<number | null>(readSeed());

/** Whether blind mode is on. Turning it on shuffles anew; turning it off reveals everything. */
export const blind = signal(seed.peek() !== null);

effect(() => {
  if (!blind.value) seed.value = null;
  else if (seed.peek() === null) seed.value = crypto.getRandomValues(new Uint32Array(1))[0]!;
});
effect(() => {
  try {
    if (seed.value === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, String(seed.value));
  } catch {
    // storage is off: a reload then ends blind mode
  }
});

function readSeed(): number | null {
  try {
    const kept = sessionStorage.getItem(KEPT);
    return kept === null || !Number.isInteger(Number(kept)) ? null : Number(kept);
  } catch {
    return null;
  }
}

/** Whether the human has said what it is worth. */
export function isJudged(candidate: Pick<Candidate, "status" | "rating">): boolean {
  return candidate.status !== "undecided" || candidate.rating !== null;
}

/** Whether scores, badges and provenance of a candidate must not be shown now. */
export function isHidden(candidate: Pick<Candidate, "status" | "rating">): boolean {
  return blind.value && !isJudged(candidate);
}

/** The candidates in the order they are to be shown: shuffled while blind, and the same until blind mode ends. */
export function blindOrder<T extends { id: string }>(candidates: readonly T[]): T[] {
  const drawn = seed.value;
  if (!blind.value || drawn === null) return [...candidates];
  const keyed = candidates.map((candidate) => [mix(candidate.id, drawn), candidate] as const);
  return keyed.sort(([a, one], [b, other]) => a - b || (one.id < other.id ? -1 : 1)).map(([, candidate]) => candidate);
}

/** A number in [0, 2³²) from text and seed: FNV-1a with a final avalanche. New candidates do not move old ones about. */
function mix(text: string, start: number): number {
  let hash = (2166136261 ^ start) >>> 0;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 2246822507) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}
