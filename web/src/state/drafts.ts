// Text that is being typed: kept here, not in the field, so that neither a refresh nor scrolling away loses a letter of it.
import { signal } from "@preact/signals";
import type { Candidate } from "../types";
import { isHidden } from "./blind";
import { type Outcome, type Place, openPlace, send } from "./marks";
import { isWaiting } from "./queue";
import { candidateOf } from "./stage_document";

export type TextField = "label" | "notes";
export interface Draft extends Place { id: string; field: TextField; text: string; from: string; state: "typing" | "saving" | "unsaved" }

const QUIET_MS = 800;

/** Drafts by place, candidate and field. What is not here stands in the file. */
export const drafts = signal<ReadonlyMap<string, Draft>>(new Map());
const timers = new Map<string, number>();

const keyOf = (place: Place, id: string, field: TextField): string => [place.song, place.stage, id, field].join("\n");

function change(key: string, draft: Draft | null): void {
  const next = new Map(drafts.peek());
  if (draft) next.set(key, draft);
  else next.delete(key);
  drafts.value = next;
}

/** What is being typed into a field of a candidate of the open stage. */
export function draftOf(id: string, field: TextField): Draft | undefined {
  const place = openPlace();
  return place ? drafts.value.get(keyOf(place, id, field)) : undefined;
}

/** Take what was typed; it is saved after a short quiet. */
export function typed(candidate: Candidate, field: TextField, text: string): void {
  const place = openPlace();
  if (place === null) return;
  const key = keyOf(place, candidate.id, field);
  const known = drafts.peek().get(key);
  change(key, { ...place, id: candidate.id, field, text, from: known?.from ?? candidate[field], state: "typing" });
  window.clearTimeout(timers.get(key));
  timers.set(key, window.setTimeout(() => saveDraft(key), QUIET_MS));
}

/** Save now: the field was left, or Enter was pressed. */
export function saveText(id: string, field: TextField): void {
  const place = openPlace();
  if (place) saveDraft(keyOf(place, id, field));
}

/** Forget what was typed and show the file's text again. */
export function discard(id: string, field: TextField): void {
  const place = openPlace();
  if (place === null) return;
  const key = keyOf(place, id, field);
  window.clearTimeout(timers.get(key));
  change(key, null);
}

function saveDraft(key: string): void {
  window.clearTimeout(timers.get(key));
  const draft = drafts.peek().get(key);
  if (!draft || draft.state === "saving") return;
  if (settled(draft.text, draft.field) === draft.from) {
    change(key, null);
    return;
  }
  change(key, { ...draft, state: "saving" });
  let text = draft.text;
  send({
    song: draft.song,
    stage: draft.stage,
    isBlind: isUnseen(draft.id),
    said: draft.field === "label" ? "Label saved." : "Note saved.",
    changes: () => {
      const now = drafts.peek().get(key);
      if (!now) return [];
      text = now.text;
      return [{ id: now.id, field: now.field, from: now.from, to: settled(text, now.field) }];
    },
    onEnd: (outcome) => ended(key, text, outcome),
  });
}

function isUnseen(id: string): boolean {
  const candidate = candidateOf(id);
  return candidate !== undefined && isHidden(candidate);
}

/** Text as it is kept: a label has no blanks around it. */
function settled(text: string, field: TextField): string {
  return field === "label" ? text.trim() : text;
}

function ended(key: string, text: string, outcome: Outcome): void {
  const now = drafts.peek().get(key);
  if (!now) return;
  if (outcome === "failed") change(key, { ...now, state: "unsaved" });
  else if (outcome === "theirs" || now.text === text) change(key, null);
  else {
    change(key, { ...now, from: settled(text, now.field), state: "typing" }); // typed on meanwhile
    timers.set(key, window.setTimeout(() => saveDraft(key), QUIET_MS));
  }
}

window.addEventListener("beforeunload", (event) => {
  for (const [key, draft] of drafts.peek()) if (draft.state === "typing") saveDraft(key); // sent before the page is gone
  const isUnsaved = [...drafts.peek().values()].some((draft) => draft.state === "unsaved");
  if (isUnsaved || isWaiting()) event.preventDefault(); // the browser asks
});
