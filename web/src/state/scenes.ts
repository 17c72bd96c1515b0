// What is heard: the selected candidate alone, or among everything approved in its section; while comparing, two to four.
import { computed, effect, signal } from "@preact/signals";
import { api, get } from "../api";
import type { Part, Scene } from "../audio/contract";
import { player } from "../audio/player";
import type { Candidate, Context, Roll, StageName } from "../types";
import { comparedCandidates, isComparing } from "./compare";
import { nameOf } from "./judging";
import { library, onChange } from "./library";
import { complain, settle } from "./notice";
import { loadRoll } from "./rolls";
import { selected, stageDocument, visibleCandidates } from "./stage_document";

const KEPT = "whitelight.context";

/** Whether candidates are heard among what is approved in their section; else alone. */
export const inContext = signal(keptContext());
/** Stages that sound beside the candidate now, for words on the screen. */
export const heardWith = signal<readonly StageName[]>([]);

/** What is to be heard: one candidate, or those that are compared. */
const wanted = computed<readonly Candidate[]>(() => {
  if (isComparing.value) return comparedCandidates.value;
  return selected.value ? [selected.value] : [];
});

const contexts = new Map<string, Promise<Context>>(); // section and variant → approved parts
let ticket = 0;

/** Approved parts that sound beside a candidate: none of its own stage, and no words to another melody than the one that is heard. */
async function partsBeside(song: string, stage: StageName, candidate: Candidate): Promise<Part[]> {
  const { section, variant } = candidate;
  const path = `${api("songs", song, "context")}?section=${encodeURIComponent(section)}&variant=${encodeURIComponent(variant)}`;
  let known = contexts.get(path);
  if (!known) {
    known = get<Context>(path);
    known.catch(() => contexts.delete(path));
    contexts.set(path, known);
  }
  const { parts } = await known;
  const isSilent = (part: StageName) => part === stage || (stage === "melody" && part === "lyrics");
  return parts.filter((part) => !isSilent(part.stage)).map((part) => ({
    key: `${song}/${part.stage}/approved/${part.name}/${fingerprint(part.roll)}`,
    stage: part.stage,
    roll: part.roll,
    wav: rendered(song, "approved", part.stage, part.name),
  }));
}

function rendered(song: string, ...pieces: string[]): string | null {
  if (!library.peek()?.soundfont) return null;
  const last = pieces.length - 1;
  return api("songs", song, "audio", ...pieces.slice(0, last), `${pieces[last]}.wav`);
}

/** The scene of candidates of the open stage; the first one's context stands for all. */
async function sceneOf(candidates: readonly Candidate[], withContext: boolean): Promise<Scene | null> {
  const open = stageDocument.peek();
  const [first] = candidates;
  if (!open || !first) return null;
  const { song, stage } = open;
  const rolls = await Promise.all(candidates.map((one) => loadRoll(song, stage, one.id)));
  const own = candidates.map((one, index): Part =>
    ({ key: `${song}/${stage}/${one.id}/${fingerprint(rolls[index]!)}`, stage, roll: rolls[index]!, wav: rendered(song, stage, one.id) }));
  const common = withContext && oneVariant(candidates) ? await partsBeside(song, stage, first) : [];
  const end_tick = Math.max(...own.map((part) => wholeBars(part.roll)), ...common.map((part) => part.roll.end_tick));
  const where = common.length > 0 ? "in context" : "alone";
  return {
    id: `${song}/${stage}/${candidates.map((one) => one.id).join("+")}/${where}`,
    title: `${candidates.map(nameOf).join(" / ")}, ${where}`,
    common,
    choices: own.map((part, index) => ({ name: "ABCD"[index]!, part })),
    end_tick,
    loop: true,
  };
}

/** Whether candidates sound over the same chords: only then do they have one context. */
export function oneVariant(candidates: readonly Candidate[]): boolean {
  return candidates.every((one) => one.section === candidates[0]!.section && one.variant === candidates[0]!.variant);
}

/** End of the last bar that holds anything, so that the loop keeps the beat. */
function wholeBars(roll: Roll): number {
  const starts = roll.bar_ticks;
  const length = (starts.at(-1) ?? 0) - (starts.at(-2) ?? 0) || roll.ticks_per_beat * 4;
  const next = starts.find((tick) => tick >= roll.end_tick);
  if (next !== undefined) return next;
  const last = starts.at(-1) ?? 0;
  return last + Math.max(1, Math.ceil((roll.end_tick - last) / length)) * length;
}

/** A short name of what a roll sounds like: an approved file may be edited under the same name. */
export function fingerprint(roll: Roll): string {
  let hash = 2166136261;
  const add = (value: number) => (hash = Math.imul(hash ^ value, 16777619) >>> 0);
  for (const track of roll.tracks) for (const note of track.notes) note.forEach(add);
  for (const [tick, bpm] of roll.tempos) add(tick + Math.round(bpm * 1000));
  return hash.toString(36);
}

const UNHEARD = "This candidate cannot be heard";
const changes = signal(0); // of the song's files: what is approved may sound otherwise
let loaded = ""; // what the scene in the player is made of

effect(() => {
  void changes.value;
  const candidates = wanted.value;
  const withContext = inContext.value;
  const mine = ++ticket;
  if (candidates.length > 0) void bring(candidates, withContext, mine);
});

async function bring(candidates: readonly Candidate[], withContext: boolean, mine: number): Promise<void> {
  try {
    const scene = await sceneOf(candidates, withContext);
    if (mine !== ticket || scene === null) return;
    const before = player.state.peek();
    const isHere = before.scene?.id === scene.id;
    const parts = [...scene.common, ...scene.choices.map((one) => one.part)].map((part) => part.key).join("\n");
    if (isHere && parts === loaded) return; // a mark changes a candidate, not its sound
    loaded = parts;
    const choice = isHere ? before.choice : 0;
    await player.load(scene, Math.min(choice, Math.max(scene.choices.length - 1, 0)));
    heardWith.value = scene.common.map((part) => part.stage);
    settle(UNHEARD);
  } catch (reason) {
    loaded = "";
    if (mine === ticket) complain(UNHEARD, reason);
    return;
  }
  prefetch(candidates);
}

/** Bring the neighbors' notes, so that the next key sounds at once. */
function prefetch(candidates: readonly Candidate[]): void {
  const open = stageDocument.peek();
  const list = visibleCandidates.peek();
  const place = list.findIndex((one) => one.id === candidates[0]?.id);
  if (!open || place < 0) return;
  for (const neighbor of [list[place + 1], list[place - 1], list[place + 2]]) {
    if (neighbor?.exists) loadRoll(open.song, open.stage, neighbor.id).catch(() => undefined); // said when it is selected
  }
}

let timer = 0;
onChange((change) => {
  if (change !== null && change.song !== stageDocument.peek()?.song) return;
  contexts.clear();
  window.clearTimeout(timer);
  timer = window.setTimeout(() => (changes.value += 1), 300); // a run changes several files at once
});

effect(() => {
  try {
    localStorage.setItem(KEPT, inContext.value ? "1" : "0");
  } catch {
    // storage is off: the choice lasts as long as the page
  }
});

function keptContext(): boolean {
  try {
    return localStorage.getItem(KEPT) !== "0";
  } catch {
    return true;
  }
}
