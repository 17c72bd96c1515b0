// Candidates laid side by side: two to four, heard as A, B, C, D.
import { computed, effect, signal } from "@preact/signals";
import type { Candidate } from "../types";
import { announce } from "./announce";
import { blindOrder } from "./blind";
import { closeDialog, openDialog } from "./dialogs";
import { candidateOf, selected, stageDocument, visibleCandidates } from "./stage_document";

export const MOST = 4;
export const LETTERS = "ABCD";

const ids = signal<readonly string[]>([]);
let place = "";

effect(() => {
  const open = stageDocument.value;
  const here = open ? `${open.song}/${open.stage}` : "";
  if (here !== place) ids.value = [];
  place = here;
});

/** The candidates to compare, in the order they were added; while blind in an order that says nothing. */
export const comparedCandidates = computed<Candidate[]>(() => {
  void stageDocument.value;
  return blindOrder(ids.value.map(candidateOf).filter((one) => one !== undefined));
});
export const isComparing = computed(() => openDialog.value === "compare" && comparedCandidates.value.length >= 2);
export const letterOf = (id: string): string | null => LETTERS[comparedCandidates.value.findIndex((one) => one.id === id)] ?? null;

/** Take a candidate in, or out again. */
export function toggleCompared(id: string): void {
  const now = ids.peek();
  if (now.includes(id)) {
    ids.value = now.filter((one) => one !== id);
    announce("Taken out of the comparison.");
    if (ids.peek().length < 2) closeComparison();
  } else if (now.length >= MOST) {
    announce(`Four are compared at most; take one out first.`);
  } else {
    ids.value = [...now, id];
    announce(`${letterOf(id)} in the comparison; ${now.length + 1} of ${MOST}.`);
  }
}

/** Open the comparison; with fewer than two, the selected candidate and those after it in its section are taken. */
export function openComparison(): void {
  const chosen = [...ids.peek()];
  const list = visibleCandidates.peek();
  const first = candidateOf(chosen[0] ?? "") ?? selected.peek() ?? list[0];
  if (first && chosen.length < 2) {
    const from = list.findIndex((one) => one.id === first.id);
    const others = [...list.slice(from), ...list.slice(0, from)];
    const alike = others.filter((one) => one.section === first.section && one.variant === first.variant);
    chosen.push(...alike.map((one) => one.id).filter((id) => !chosen.includes(id)).slice(0, 2 - chosen.length));
  }
  if (chosen.length < 2) {
    announce("There are not two candidates to compare.");
    return;
  }
  ids.value = chosen;
  openDialog.value = "compare";
}

function closeComparison(): void {
  if (openDialog.peek() === "compare") closeDialog();
}

/** Forget the comparison. */
export function clearCompared(): void {
  ids.value = [];
  closeComparison();
}
