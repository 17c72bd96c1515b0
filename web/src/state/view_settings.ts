// Which candidates are shown and in which order: pure functions over the list, and settings kept per stage in sessionStorage.
import { effect, signal } from "@preact/signals";
import type { Candidate, StageName, Status } from "../types";

/** sort: "file", "match", "fitness", "novelty", "confidence", "rating", "generation", or "measure:NAME"; "" filters nothing. */
export interface ViewSettings { section: string; variant: string; status: "" | Status; kept: boolean; text: string; sort: string }

const ALL: ViewSettings = { section: "", variant: "", status: "", kept: false, text: "", sort: "file" };
export const view = signal<ViewSettings>(ALL);

let key = "";

/** Take up the settings of a stage, as they were left in this tab. */
export function keepView(song: string, stage: StageName): void {
  key = `whitelight.view.${song}.${stage}`;
  let kept: Partial<ViewSettings> = {};
  try {
    kept = JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<ViewSettings>;
  } catch {
    kept = {};
  }
  view.value = { ...ALL, ...kept };
}

effect(() => {
  const settings = view.value;
  if (!key) return;
  try {
    sessionStorage.setItem(key, JSON.stringify(settings));
  } catch {
    // storage is off: settings last as long as the page
  }
});

export const changeView = (change: Partial<ViewSettings>): void => void (view.value = { ...view.value, ...change });
export const clearFilters = (): void => void (view.value = { ...ALL, sort: view.value.sort });
export const isFiltered = (settings: ViewSettings): boolean =>
  Boolean(settings.section || settings.variant || settings.status || settings.kept || settings.text.trim());

export function filtered(candidates: Candidate[], settings: ViewSettings, isBlind: boolean): Candidate[] {
  const words = settings.text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return candidates.filter((candidate) => {
    if (settings.section && candidate.section !== settings.section) return false;
    if (settings.variant && candidate.variant !== settings.variant) return false;
    if (settings.status && candidate.status !== settings.status) return false;
    if (settings.kept && !isBlind && !candidate.kept) return false;
    if (words.length === 0) return true;
    const text = searchable(candidate);
    return words.every((word) => text.includes(word));
  });
}

const texts = new WeakMap<Candidate, string>();

/** What a candidate is found by: its own words and what its stage tells of it. Kept, since typing asks for it at every key. */
function searchable(candidate: Candidate): string {
  let text = texts.get(candidate);
  if (text === undefined) {
    const { id, section, variant, label, notes, status, facts } = candidate;
    text = [id, section, variant, label, notes, status, JSON.stringify(facts)].join(" ").toLocaleLowerCase();
    texts.set(candidate, text);
  }
  return text;
}

/** Strongest first; candidates without the number come last; equal ones stay in the file's order. */
export function sorted(candidates: Candidate[], settings: ViewSettings): Candidate[] {
  if (settings.sort === "file") return candidates;
  const number = sortNumber(settings.sort);
  return candidates
    .map((candidate, place) => ({ candidate, place, number: number(candidate) }))
    .sort((a, b) => (b.number === a.number ? a.place - b.place : b.number > a.number ? 1 : -1))
    .map(({ candidate }) => candidate);
}

function sortNumber(sort: string): (candidate: Candidate) => number {
  const worst = -Infinity;
  if (sort.startsWith("measure:")) {
    const measure = sort.slice("measure:".length);
    return (candidate) => candidate.measures[measure] ?? worst;
  }
  switch (sort) {
    case "match": return (candidate) => candidate.match ?? worst;
    case "fitness": return (candidate) => candidate.fitness ?? worst;
    case "novelty": return (candidate) => candidate.novelty ?? worst;
    case "confidence": return (candidate) => candidate.confidence ?? worst;
    case "rating": return (candidate) => candidate.rating ?? worst;
    case "generation": return (candidate) => candidate.generation ?? worst;
    default: return () => 0;
  }
}
