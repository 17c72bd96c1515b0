// The stage that is open: its candidates as review.yml has them, what is selected, and what is shown in which order.
//
// For the rest of the page:
//   stageDocument      Signal<StageDocument | null>   what the server said last; null while a stage is being opened
//   stageProblem       Signal<string | null>          why it could not be read, as one line
//   selectedId         Signal<string | null>          the candidate that keys act on; set it, the list scrolls and focuses
//   selected           ReadonlySignal<Candidate|null> the same as an object
//   visibleCandidates  ReadonlySignal<Candidate[]>    after filter and sort, or in the blind order: what ↑ and ↓ walk through
//   updateCandidates(candidates, version?)            put in what the server answered (Marked); others stay the same objects
//   showCandidate(id)                                 select it, dropping filters that hide it
//   refresh()                                         ask the server again; scroll, selection and focus stay
//   openStage(song, stage) / closeStage()             called by the stage view
//   view               Signal<ViewSettings>           filter and sort of this stage, kept in sessionStorage
//   blindView          Signal<BlindView | null>       set by judging: non-null hides scores, badges, provenance and sorting
import { computed, signal } from "@preact/signals";
import { api, ApiError, get } from "../api";
import type { Candidate, StageDocument, StageName } from "../types";
import { filtered, sorted, type ViewSettings } from "./view_settings";
import { clearFilters, keepView, view } from "./view_settings";

export { view };
export type { ViewSettings };

/** How candidates are shown while judging blind. */
export interface BlindView {
  order: (candidates: Candidate[]) => Candidate[]; // a fixed shuffle, same for the same list
  isRevealed: (candidate: Candidate) => boolean; // judged: its scores may be seen
}

export const stageDocument = signal<StageDocument | null>(null);
export const stageProblem = signal<string | null>(null);
export const selectedId = signal<string | null>(null);
export const blindView = signal<BlindView | null>(null);

export const visibleCandidates = computed<Candidate[]>(() => {
  const open = stageDocument.value;
  if (open === null) return [];
  const shown = filtered(open.candidates, view.value, blindView.value !== null);
  return blindView.value ? blindView.value.order(shown) : sorted(shown, view.value);
});

const byId = computed(() => new Map((stageDocument.value?.candidates ?? []).map((candidate) => [candidate.id, candidate])));
export const candidateOf = (id: string): Candidate | undefined => byId.value.get(id);
export const selected = computed<Candidate | null>(() => (selectedId.value === null ? null : (byId.value.get(selectedId.value) ?? null)));

/** Whether scores, badges, provenance and even the id (it says the generation) of a candidate may be seen now. */
export const isRevealed = (candidate: Candidate): boolean => blindView.value === null || blindView.value.isRevealed(candidate);

/** Select a candidate, and drop the filters where they would hide it. */
export function showCandidate(id: string): void {
  if (!visibleCandidates.peek().some((candidate) => candidate.id === id)) clearFilters();
  selectedId.value = id;
}

let place: { song: string; stage: StageName } | null = null;
let asked = 0;
let answered = 0;

export async function openStage(song: string, stage: StageName): Promise<void> {
  if (place?.song === song && place.stage === stage) return;
  place = { song, stage };
  stageDocument.value = null;
  selectedId.value = null;
  keepView(song, stage);
  await refresh();
}

export function closeStage(): void {
  place = null;
  stageDocument.value = null;
  stageProblem.value = null;
  selectedId.value = null;
}

/** Ask again; an answer that was overtaken by a later question is dropped. */
export async function refresh(): Promise<void> {
  const where = place;
  if (where === null) return;
  const ticket = ++asked;
  try {
    const fresh = await get<StageDocument>(api("songs", where.song, "stages", where.stage));
    if (ticket !== asked || place !== where) return;
    answered = ticket;
    const before = stageDocument.value;
    if (before?.version !== fresh.version || before.candidates.length !== fresh.candidates.length || !same(before, fresh)) {
      stageDocument.value = { ...fresh, candidates: merged(before?.candidates ?? [], fresh.candidates) };
    }
    stageProblem.value = null;
  } catch (reason) {
    if (ticket !== asked || place !== where) return;
    answered = ticket;
    stageProblem.value = reason instanceof ApiError ? reason.message : String(reason);
  }
}

export function updateCandidates(candidates: Candidate[], version?: string): void {
  const open = stageDocument.value;
  if (open === null) return;
  const changed = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const list = open.candidates.map((candidate) => changed.get(candidate.id) ?? candidate);
  stageDocument.value = { ...open, version: version ?? open.version, candidates: list };
  if (asked !== answered) void refresh(); // an answer on its way may be older than this one, but it was asked for: ask again
}

/** Unchanged candidates keep their object: only cards that differ are rendered again. */
function merged(before: Candidate[], after: Candidate[]): Candidate[] {
  const known = new Map(before.map((candidate) => [candidate.id, candidate]));
  return after.map((candidate) => {
    const old = known.get(candidate.id);
    return old && same(old, candidate) ? old : candidate;
  });
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
