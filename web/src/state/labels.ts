// Labels: the names approved candidates get in approved/, and which of them promotion would refuse.
import type { Candidate } from "../types";

type Named = Pick<Candidate, "id" | "section" | "variant" | "label" | "status">;

/** File-safe form of a label, as the server makes it: letters, digits, "-" and "_" of any script. */
export function slug(text: string): string {
  const safe = text.trim().toLowerCase().replace(/[^\p{L}\p{N}_-]+/gu, "-");
  return safe.replace(/^-+|-+$/g, "") || "x";
}

/** Name of the file an approved candidate becomes, without its ending: "verse_a". */
export function approvedName(candidate: Omit<Named, "status">, label = candidate.label): string {
  return `${slug(candidate.section)}_${slug(label || candidate.variant || candidate.id)}`;
}

/** The approved candidate that has the name this one would get, if any: promotion refuses the two of them. */
export function twinOf<T extends Named>(candidate: T, all: readonly T[], label = candidate.label): T | null {
  const name = approvedName(candidate, label);
  return all.find((one) => one.id !== candidate.id && one.status === "approved" && approvedName(one) === name) ?? null;
}

/**
 * The label an approval proposes: the variant it was composed over, else the first free letter.
 * Letters that name another chord variant of the section are passed over: the part would go with those chords.
 */
export function freeLabel<T extends Named>(candidate: T, all: readonly T[], variants: readonly string[] = []): string {
  const here = all.filter((one) => one.section === candidate.section).map((one) => one.variant);
  const foreign = candidate.variant ? new Set([...here, ...variants].map(slug)) : new Set<string>();
  const offered = [candidate.variant, ...letters().filter((letter) => !foreign.has(letter))];
  return offered.find((label) => label && !twinOf(candidate, all, label)) ?? candidate.id;
}

/** Suggestions of the label field, the proposed one first, without those that would be refused. */
export function suggestions<T extends Named>(candidate: T, all: readonly T[], known: readonly string[]): string[] {
  const first = freeLabel(candidate, all);
  const offered = [first, ...known, ...letters().slice(0, 4)];
  return [...new Set(offered)].filter((label) => label && !twinOf(candidate, all, label)).slice(0, 6);
}

/** a, b, …, z, aa, ab, …, zz */
function letters(): string[] {
  const one = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
  return [...one, ...one.flatMap((first) => one.map((second) => first + second))];
}
