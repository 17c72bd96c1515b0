// What a person says of a candidate: approved, rejected, stars, a label, a wish. Keys and buttons both end here.
import { effect } from "@preact/signals";
import type { Candidate, MarkChange, Status } from "../types";
import { announce } from "./announce";
import { blind, blindOrder, isHidden, isJudged } from "./blind";
import { draftOf } from "./drafts";
import { freeLabel } from "./labels";
import { songOf } from "./library";
import { markNow, openPlace } from "./marks";
import { whyNoMarks } from "./permission";
import { blindView, candidateOf, selectedId, stageDocument, visibleCandidates } from "./stage_document";

export { blind, blindOrder, isHidden, isJudged };

effect(() => {
  blindView.value = blind.value ? { order: (list) => blindOrder(list), isRevealed: (one) => !isHidden(one) } : null;
});

/** Set fields of one candidate; what already stands there is not sent. */
function say(candidate: Candidate, wanted: Partial<Record<MarkChange["field"], MarkChange["to"]>>, said: string): void {
  const place = openPlace();
  const now = candidateOf(candidate.id);
  if (whyNoMarks.peek()) announce(whyNoMarks.peek()!);
  if (whyNoMarks.peek() || place === null || now === undefined) return;
  const fields = Object.keys(wanted) as MarkChange["field"][];
  const changes = fields.map((field) => ({ id: now.id, field, from: now[field], to: wanted[field] ?? null }));
  const real = changes.filter(({ from, to }) => from !== to);
  if (real.length === 0) announce(`${nameOf(now)} is marked so already.`);
  markNow(place, real, isUnswayed(now, real.map((one) => one.field)), said);
}

let sitting: { id: string; said: Set<string> } | null = null; // what was said since the scores of a candidate were hidden
effect(() => {
  if (selectedId.value !== sitting?.id) sitting = null;
});

/**
 * Whether marks were made by ear alone. The first of them shows the scores; stars right after an approval still count,
 * a word that is taken back once the scores are in sight does not.
 */
function isUnswayed(candidate: Candidate, fields: readonly string[]): boolean {
  if (!blind.peek()) return false;
  if (isHidden(candidate)) sitting = { id: candidate.id, said: new Set() };
  if (sitting?.id !== candidate.id || fields.some((field) => sitting!.said.has(field))) return false;
  for (const field of fields) sitting.said.add(field);
  return true;
}

/** Approve; without a label the one that promotion would accept is set with it. */
export function approve(candidate: Candidate): void {
  const now = candidateOf(candidate.id) ?? candidate;
  const typing = draftOf(now.id, "label")?.text.trim(); // on its way by itself
  const label = typing || now.label || proposedLabel(now);
  say(now, typing ? { status: "approved" } : { status: "approved", label }, `${nameOf(now)} approved as ${label}.`);
}

export function setStatus(candidate: Candidate, status: Status): void {
  if (status === "approved") approve(candidate);
  else say(candidate, { status }, `${nameOf(candidate)} ${status}.`);
}

/** 1 to 5 stars, null: none. */
export function rate(candidate: Candidate, rating: number | null): void {
  const said = rating === null ? "no stars" : rating === 1 ? "1 star" : `${rating} stars`;
  say(candidate, { rating }, `${nameOf(candidate)}: ${said}.`);
}

export function setLabel(candidate: Candidate, label: string): void {
  say(candidate, { label }, `${nameOf(candidate)} labeled ${label || "with nothing"}.`);
}

/** More or less like this, next time; the same wish twice takes it back. */
export function wishFor(candidate: Candidate, wish: "more" | "less"): void {
  const to = candidateOf(candidate.id)?.wish === wish ? "" : wish;
  const said = to ? `${to} like this` : "no wish";
  say(candidate, { wish: to }, `${nameOf(candidate)}: ${said}.`);
}

/** The label an approval of this candidate would get now. */
export function proposedLabel(candidate: Candidate): string {
  const open = stageDocument.value;
  const section = songOf(open?.song ?? "")?.sections.find((one) => one.name === candidate.section);
  return freeLabel(candidate, open?.candidates ?? [], section?.variants ?? []);
}

/** What a candidate is called aloud; while blind its id, which says the generation, is not. */
export function nameOf(candidate: Candidate): string {
  if (!isHidden(candidate)) return candidate.id;
  return `No. ${visibleCandidates.value.findIndex((one) => one.id === candidate.id) + 1}`;
}
