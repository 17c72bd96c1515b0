// Notes of candidates: fetched in batches for what is near the viewport, and only the last two hundred are kept.
//
//   rollState(song, stage, id)   a signal of {roll, problem}; asking for it fetches nothing
//   wantRolls(song, stage, ids)  what is near the viewport now, nearest first; a later call replaces an earlier one
//   loadRoll(song, stage, id)    one roll as a promise, for the player and the comparison
import { signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { api, ApiError, get } from "../api";
import type { Roll, Rolls, StageName } from "../types";

export interface RollState { roll: Roll | null; problem: string | null }
interface Entry { state: Signal<RollState>; epoch: number } // epoch: of the stage when it was fetched, -1: not yet

const CAPACITY = 200;
const BATCH = 12;
const entries = new Map<string, Entry>(); // least recently used first
const epochs = new Map<string, number>(); // stage → how often its files changed

const placeOf = (song: string, stage: StageName): string => `${song}/${stage}`;

function entryOf(place: string, id: string): Entry {
  const key = `${place}/${id}`;
  const known = entries.get(key) ?? { state: signal<RollState>({ roll: null, problem: null }), epoch: -1 };
  entries.delete(key);
  entries.set(key, known);
  if (entries.size > CAPACITY) entries.delete(entries.keys().next().value!);
  return known;
}

export const rollState = (song: string, stage: StageName, id: string): ReadonlySignal<RollState> => entryOf(placeOf(song, stage), id).state;

/** The stage's files changed: rolls are shown as they were until they have been asked for again. */
export function rollsChanged(song: string, stage: StageName): void {
  const place = placeOf(song, stage);
  epochs.set(place, (epochs.get(place) ?? 0) + 1);
}

let wanted: { song: string; stage: StageName; ids: readonly string[] } | null = null;
let timer = 0;
let isFetching = false;

export function wantRolls(song: string, stage: StageName, ids: readonly string[]): void {
  wanted = { song, stage, ids };
  for (let place = ids.length - 1; place >= 0; place -= 1) entryOf(placeOf(song, stage), ids[place]!); // nearest used last
  if (isFetching || timer) return;
  timer = window.setTimeout(fetchWanted, 0);
}

async function fetchWanted(): Promise<void> {
  timer = 0;
  const now = wanted;
  if (now === null || isFetching) return;
  const place = placeOf(now.song, now.stage);
  const epoch = epochs.get(place) ?? 0;
  const ids = now.ids.filter((id) => entryOf(place, id).epoch < epoch).slice(0, BATCH);
  if (ids.length === 0) return;
  isFetching = true;
  await fetchRolls(now.song, now.stage, ids, epoch);
  isFetching = false;
  void fetchWanted(); // the rest, or what came into view meanwhile
}

async function fetchRolls(song: string, stage: StageName, ids: readonly string[], epoch: number): Promise<void> {
  const place = placeOf(song, stage);
  const query = ids.map((id) => `id=${encodeURIComponent(id)}`).join("&");
  let answer: Rolls = { rolls: {}, problems: {} };
  let refusal: string | null = null; // of the whole request: the review is broken, or the studio is gone
  try {
    answer = await get<Rolls>(`${api("songs", song, "stages", stage, "rolls")}?${query}`);
  } catch (reason) {
    refusal = reason instanceof ApiError ? reason.message : String(reason);
  }
  for (const id of ids) {
    const entry = entryOf(place, id);
    entry.epoch = epoch;
    const before = entry.state.peek();
    const roll = answer.rolls[id] ?? (refusal === null ? null : before.roll); // what was drawn stays while nothing better is known
    const problem = roll ? null : (answer.problems[id] ?? refusal ?? "Its file was not found.");
    if (problem !== before.problem || JSON.stringify(roll) !== JSON.stringify(before.roll)) entry.state.value = { roll, problem };
  }
}

/** One roll, from what is kept or from the server; throws ApiError with what is wrong with its file. */
export async function loadRoll(song: string, stage: StageName, id: string): Promise<Roll> {
  const place = placeOf(song, stage);
  const entry = entryOf(place, id);
  const epoch = epochs.get(place) ?? 0;
  if (entry.epoch < epoch || entry.state.peek().roll === null) await fetchRolls(song, stage, [id], epoch);
  const { roll, problem } = entry.state.peek();
  if (roll === null) throw new ApiError(problem ?? "Its file was not found.", 404, null);
  return roll;
}
