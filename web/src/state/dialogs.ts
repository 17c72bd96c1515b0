// Which dialog is open. One at a time; all of them are real <dialog> elements that give the focus back.
import { signal } from "@preact/signals";
import type { StageName } from "../types";

export type DialogName = "cheat-sheet" | "compare" | "promote" | "search";

export const openDialog = signal<DialogName | null>(null);

/** What the search dialog is to start: more of the same stage, or a stage's first candidates. */
export interface Search { kind: "compose" | "evolve" | "regenerate"; stage: StageName }
export const wantedSearch = signal<Search | null>(null);

/** Ask how a search is to run. */
export function askSearch(kind: Search["kind"], stage: StageName): void {
  wantedSearch.value = { kind, stage };
  openDialog.value = "search";
}

export function closeDialog(): void {
  openDialog.value = null;
}
