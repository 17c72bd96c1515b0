// What sets compared candidates apart, in words: numbers that differ most first, and what their stages tell of them.
import type { Candidate } from "../types";

/** One row of the comparison: a value per candidate, and in one word who has most. */
export interface NumberRow { name: string; kind: "score" | "theory" | "measure"; values: (number | null)[]; spread: number; highest: number | null }
/** A fact as a list of words; `differs` says of each word whether another candidate has something else there. */
export interface FactRow { name: string; words: { text: string; differs: boolean }[][]; isSame: boolean }

const SCORES = ["match", "fitness", "novelty", "confidence"] as const;
const SMALL = 0.005; // below this two scores are written the same

/** Names as people read them: "strong_chord_tones" → "strong chord tones". */
export const plain = (name: string): string => name.replaceAll("_", " ");

/**
 * Numbers of the candidates, those that differ most first.
 *
 * Differences of terms, match and confidence count as they are, 0 to 1; others as shares of `ranges`, what the stage has of them.
 */
export function numberRows(candidates: readonly Candidate[], ranges: Record<string, [number, number]>): NumberRow[] {
  const scores = SCORES.map((name) => row(plain(name), "score", candidates.map((one) => one[name]), width(ranges[name])));
  const terms = names(candidates, "terms").map((name) =>
    row(plain(name), "theory", candidates.map((one) => one.terms[name] ?? null), 1));
  const measures = names(candidates, "measures").map((name) => {
    return row(plain(name), "measure", candidates.map((one) => one.measures[name] ?? null), width(ranges[name]));
  });
  const rows = [...scores, ...terms, ...measures].filter((one) => one.values.some((value) => value !== null));
  return rows.sort((a, b) => b.spread - a.spread);
}

const width = (range: [number, number] | undefined): number => (range && range[1] - range[0]) || 1;

function names(candidates: readonly Candidate[], kind: "terms" | "measures"): string[] {
  return [...new Set(candidates.flatMap((one) => Object.keys(one[kind])))];
}

function row(name: string, kind: NumberRow["kind"], values: (number | null)[], size: number): NumberRow {
  const known = values.filter((value): value is number => value !== null);
  const high = Math.max(...known);
  const low = Math.min(...known);
  const isApart = known.length > 1 && high - low >= SMALL;
  const isOne = values.filter((value) => value === high).length === 1;
  return { name, kind, values, spread: isApart ? (high - low) / size : 0, highest: isApart && isOne ? values.indexOf(high) : null };
}

/** "motif: B most (0.81), A least (0.47)" for the numbers that differ most. */
export function summary(rows: readonly NumberRow[], letters: string, n_most = 3): string[] {
  return rows.filter((one) => one.spread > 0).slice(0, n_most).map(({ name, values }) => {
    const known = values.map((value, index) => ({ value, letter: letters[index]! })).filter((one) => one.value !== null);
    const ordered = known.sort((a, b) => b.value! - a.value!);
    const [most, least] = [ordered[0]!, ordered.at(-1)!];
    return `${name}: ${most.letter} most (${figure(most.value!)}), ${least.letter} least (${figure(least.value!)})`;
  });
}

/** Two decimals at most, none for large numbers. */
export function figure(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toFixed(2)));
}

/** What the stages tell of the candidates, word by word; the items of a list are compared each with its own. */
export function factRows(candidates: readonly Candidate[]): FactRow[] {
  const keys = [...new Set(candidates.flatMap((one) => Object.keys(one.facts)))];
  return keys.map((key) => {
    const items = candidates.map((one) => itemsOf(one.facts[key]));
    const lists = items.map((list) => list.map((item) => item.split(/\s+/)));
    const isLong = lists.some((list) => list.some((item) => item.length > 1));
    const between = candidates.some((one) => typeof one.facts[key] === "string") ? "|" : "/"; // bars, or items of a list
    const words = lists.map((list) => list.flatMap((item, place) => {
      const compared = item.map((text, index) => ({ text, differs: lists.some((other) => other[place]?.[index] !== text) }));
      return place > 0 && (isLong || between === "|") ? [{ text: between, differs: false }, ...compared] : compared;
    }));
    return { name: plain(key), words, isSame: lists.every((items) => JSON.stringify(items) === JSON.stringify(lists[0])) };
  });
}

function itemsOf(value: unknown): string[] {
  if (value === null || value === undefined || value === "") return ["–"];
  if (Array.isArray(value)) return value.length > 0 ? value.map((one) => (typeof one === "object" ? JSON.stringify(one) : String(one))) : ["–"];
  if (typeof value === "object") return Object.entries(value).map(([name, one]) => `${plain(name)} ${String(one)}`);
  if (typeof value === "string") return value.split("|").map((bar) => bar.trim());
  return [typeof value === "number" ? figure(value) : String(value)];
}
