// Marks on their way: shown at once, sent in order with what the page showed before, rolled back with a reason.
import { effect, signal } from "@preact/signals";
import { api, ApiError, client, post } from "../api";
import type { Candidate, MarkChange, MarkConflict, MarkRequest, Marked, Refused, StageName } from "../types";
import { announce } from "./announce";
import { history } from "./history";
import { complain } from "./notice";
import { inOrder } from "./queue";
import { refresh, stageDocument, updateCandidates } from "./stage_document";

export interface Place { song: string; stage: StageName }

/** Marks that are written together and undone together. `changes` is asked when its turn comes. */
export interface Mark extends Place {
  changes: () => MarkChange[];
  isBlind: boolean; // made without seeing the scores
  said: string; // what is announced when it is written
  onEnd?: ((outcome: Outcome) => void) | undefined;
}

/** written; failed: not written, and the reason was shown; theirs: what stands in the file was kept. */
export type Outcome = "written" | "failed" | "theirs";

/** A mark that met somebody else's: nothing was written until a person says whose counts. */
export interface Conflict extends Place, Pick<Mark, "isBlind" | "onEnd"> { changes: MarkChange[]; conflicts: MarkConflict[] }

export const conflicts = signal<readonly Conflict[]>([]);

interface Shown extends Place { change: MarkChange }
const shown = new Map<string, Shown>(); // the latest change of a field that is shown although the server has not said it yet

const key = (place: Place, change: Pick<MarkChange, "id" | "field">): string =>
  [place.song, place.stage, change.id, change.field].join("\n");

/** The stage that is open, as a place. */
export function openPlace(): Place | null {
  const open = stageDocument.peek();
  return open && { song: open.song, stage: open.stage };
}

function isOpen(place: Place): boolean {
  const open = stageDocument.peek();
  return open?.song === place.song && open.stage === place.stage;
}

/** Show the changes now and send them after everything that was decided before. */
export function markNow(place: Place, changes: MarkChange[], isBlind: boolean, said: string): void {
  if (changes.length === 0) return;
  for (const change of changes) shown.set(key(place, change), { ...place, change });
  layOver();
  send({ ...place, changes: () => changes.filter((change) => !dropped.has(change)), isBlind, said });
}

const dropped = new WeakSet<MarkChange>(); // rest on a mark that was refused
const sent: { place: Place; changes: MarkChange[] }[] = []; // waiting or on their way, oldest first

/** Send a mark in its turn. */
export function send(mark: Mark): void {
  const entry = { place: { song: mark.song, stage: mark.stage }, changes: [] as MarkChange[] };
  entry.changes = mark.changes();
  sent.push(entry);
  inOrder(async () => {
    const changes = mark.changes();
    try {
      if (changes.length > 0) await deliver(mark, changes);
      else mark.onEnd?.("failed");
    } finally {
      sent.splice(sent.indexOf(entry), 1);
    }
  });
}

async function deliver(mark: Mark, changes: MarkChange[]): Promise<void> {
  const request: MarkRequest = { client, blind: mark.isBlind, changes };
  try {
    const answer = await post<Marked>(api("songs", mark.song, "stages", mark.stage, "marks"), request);
    for (const change of changes) {
      if (shown.get(key(mark, change))?.change === change) shown.delete(key(mark, change)); // else a later one waits
    }
    history.value = answer.history;
    mark.onEnd?.("written");
    if (isOpen(mark)) updateCandidates(answer.candidates, answer.version);
    announce(mark.said);
  } catch (reason) {
    takeBack(mark, changes);
    const refused = reason instanceof ApiError && reason.status === 409 ? (reason.body as Refused | null) : null;
    if (refused?.conflicts?.length) {
      const { song, stage, isBlind, onEnd } = mark;
      conflicts.value = [...conflicts.peek(), { song, stage, isBlind, changes, conflicts: refused.conflicts, onEnd }];
    } else {
      mark.onEnd?.("failed");
      complain("The mark was not saved", reason);
    }
    if (isOpen(mark)) await refresh();
  }
}

/** Show again what was there before, and let later marks on the same fields fall with it. */
function takeBack(place: Place, changes: MarkChange[]): void {
  for (const entry of sent) {
    if (entry.place.song !== place.song || entry.place.stage !== place.stage) continue;
    for (const later of entry.changes) {
      if (changes.some((one) => one.id === later.id && one.field === later.field)) dropped.add(later);
    }
  }
  for (const change of changes) shown.delete(key(place, change));
  if (isOpen(place)) put(changes.map((change) => ({ ...change, to: change.from })));
}

/** Lay what is on its way over what the server said, whenever it says something. */
function layOver(): void {
  const open = stageDocument.peek();
  if (open === null || shown.size === 0) return;
  put([...shown.values()].filter((one) => one.song === open.song && one.stage === open.stage).map((one) => one.change));
}

function put(values: Pick<MarkChange, "id" | "field" | "to">[]): void {
  const byId = new Map((stageDocument.peek()?.candidates ?? []).map((candidate) => [candidate.id, candidate]));
  const changed = new Map<string, Candidate>();
  for (const { id, field, to } of values) {
    const candidate = changed.get(id) ?? byId.get(id);
    if (candidate && candidate[field] !== to) changed.set(id, { ...candidate, [field]: to } as Candidate);
  }
  if (changed.size > 0) updateCandidates([...changed.values()]);
}

effect(() => {
  if (stageDocument.value) layOver();
});

/** Leave the oldest conflict as it stands in the file. */
export function keepTheirs(): void {
  const [met, ...rest] = conflicts.peek();
  conflicts.value = rest;
  met?.onEnd?.("theirs");
  if (met && isOpen(met)) void refresh();
  announce("Kept what stands in the file.");
}

/** Write the oldest conflict's marks over what stands there now. */
export function useMine(): void {
  const [met, ...rest] = conflicts.peek();
  conflicts.value = rest;
  if (!met) return;
  const theirs = new Map(met.conflicts.map((one) => [`${one.id}\n${one.field}`, one.theirs]));
  const changes = met.changes.map((change) => {
    const now = theirs.get(`${change.id}\n${change.field}`);
    return now === undefined ? change : { ...change, from: now };
  });
  for (const change of changes) shown.set(key(met, change), { song: met.song, stage: met.stage, change });
  layOver();
  const { song, stage, isBlind, onEnd } = met;
  send({ song, stage, changes: () => changes, isBlind, said: "Your mark was written.", onEnd });
}
