// The arrangement of the open song: what the server said, what the screen shows, and the way from one to the other.
// Every change is saved at once; a change made meanwhile waits its turn, and a refused one stays on the screen.
import { computed, signal } from "@preact/signals";
import { api, ApiError, client, get, put } from "../api";
import type { ArrangementDocument, Change, Refused } from "../types";
import { announce } from "./announce";
import { draftOf, isSame, type Draft, type DraftBlock } from "./arrangement_edits";
import { mergeDrafts } from "./arrangement_merge";
import { history, loadHistory, redo, undo } from "./history";
import { whyNoMarks } from "./permission";
import { inOrder } from "./queue";
import { closeSong, loadSong } from "./whole_song";

/** refused: the file is another by now. failed: it could not be saved, and `problem` says why. */
export type SaveState = "saved" | "saving" | "refused" | "failed";

export const openSong = signal<string | null>(null);
/** What the server said last. */
export const saved = signal<ArrangementDocument | null>(null);
/** What the screen shows. */
export const draft = signal<Draft | null>(null);
export const saveState = signal<SaveState>("saved");
export const problem = signal<string | null>(null);
export const refusal = signal<Refused | null>(null);
export const canEdit = computed(() => draft.value !== null && whyNoMarks.value === null && saveState.value !== "refused");

/** Show the arrangement of a song. */
export async function openArrangement(song: string): Promise<void> {
  openSong.value = song;
  take(null);
  void loadHistory(song);
  await reload(song);
}

export function closeArrangement(): void {
  openSong.value = null;
  take(null);
  closeSong();
}

function take(document: ArrangementDocument | null): void {
  saved.value = document;
  draft.value = document && draftOf(document, draft.peek()?.blocks);
  saveState.value = "saved";
  problem.value = null;
  refusal.value = null;
  if (document) history.value = document.history;
}

const read = (song: string): Promise<ArrangementDocument> =>
  get(`${api("songs", song, "arrangement")}?client=${encodeURIComponent(client)}`);

/** Read the file again. */
async function reread(song: string): Promise<void> {
  try {
    const document = await read(song);
    if (openSong.peek() === song && !hasUnsaved()) take(document);
  } catch (reason) {
    if (openSong.peek() === song) problem.value = messageOf(reason);
  }
}

/** Read the file again. The song follows by itself: what is saved next does not wait for its sound. */
async function reload(song: string): Promise<void> {
  await reread(song);
  if (openSong.peek() === song) void loadSong(song);
}

const messageOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));

function hasUnsaved(): boolean {
  const [now, known] = [draft.peek(), saved.peek()];
  return now !== null && known !== null && !isSame(now, draftOf(known, now.blocks));
}

/** Change what is shown and save it; `words` are said to those who cannot see it. */
export function change(edit: (now: Draft) => Draft, words: string): void {
  const [song, now] = [openSong.peek(), draft.peek()];
  if (song === null || now === null || !canEdit.peek()) return;
  draft.value = edit(now);
  announce(words);
  save(song);
}

/** Try once more what could not be saved. */
export function saveAgain(): void {
  const song = openSong.peek();
  if (song !== null) save(song);
}

function save(song: string): void {
  saveState.value = "saving";
  problem.value = null;
  inOrder(async () => {
    const [sent, known] = [draft.peek(), saved.peek()];
    if (openSong.peek() !== song || sent === null || known === null || saveState.peek() === "refused") return;
    if (!hasUnsaved()) {
      saveState.value = "saved"; // a later change took it back, or an earlier one saved it as well
      return;
    }
    try {
      const { blocks, mix, ending } = sent;
      const plain = blocks.map(({ key: _, ...block }) => block);
      const document = await put<ArrangementDocument>(api("songs", song, "arrangement"), { client, version: known.version, blocks: plain, mix, ending });
      if (openSong.peek() === song) confirmed(document, sent);
    } catch (reason) {
      if (openSong.peek() === song) refused(reason);
      return;
    }
    void loadSong(song);
  });
}

/** The server has written `sent`. What was changed on the screen meanwhile stays, and points into the new file. */
function confirmed(document: ArrangementDocument, sent: Draft): void {
  const now = draft.peek()!;
  saved.value = document;
  history.value = document.history;
  if (now === sent) {
    draft.value = { ...draftOf(document), blocks: document.blocks.map((block, index) => ({ ...block, key: sent.blocks[index]!.key })) };
    saveState.value = "saved";
    return;
  }
  draft.value = { ...now, blocks: now.blocks.map((block) => ({ ...block, origin: newOrigin(block, sent) })) };
}

function newOrigin(block: DraftBlock, sent: Draft): number | null {
  const own = sent.blocks.findIndex((one) => one.key === block.key);
  const origin = own >= 0 || block.origin === null ? own : sent.blocks.findIndex((one) => one.origin === block.origin);
  return origin < 0 ? null : origin;
}

function refused(reason: unknown): void {
  if (reason instanceof ApiError && reason.status === 409) {
    refusal.value = reason.body as Refused;
    saveState.value = "refused";
    announce("Not saved: the arrangement was changed elsewhere. Choose which version counts.");
  } else {
    problem.value = messageOf(reason);
    saveState.value = "failed";
    announce(`Not saved: ${messageOf(reason)}`);
  }
}

/** Show the file as it is now; what was not saved is dropped. */
export async function takeTheirs(): Promise<void> {
  const song = openSong.peek();
  if (song === null) return;
  try {
    take(await read(song));
    announce("The arrangement is as the file says now.");
  } catch (reason) {
    problem.value = messageOf(reason);
  }
  void loadSong(song);
}

/** Lay what was not saved over the file as it is now, and save that. */
export async function applyMineAgain(): Promise<void> {
  const [song, base, mine] = [openSong.peek(), saved.peek(), draft.peek()];
  if (song === null || base === null || mine === null) return;
  try {
    const theirs = await read(song);
    const merged = mergeDrafts(base, mine, theirs);
    take(theirs);
    draft.value = merged;
    save(song);
  } catch (reason) {
    problem.value = messageOf(reason);
  }
}

/** One step back or forth; marks of the stages are in the same history. */
export function step(direction: "undo" | "redo"): void {
  const song = openSong.peek();
  if (song === null || saveState.peek() === "refused") return;
  (direction === "undo" ? undo : redo)(song);
  inOrder(async () => {
    if (openSong.peek() === song && saveState.peek() !== "refused") await reload(song);
  });
}

/** Somebody changed files of the song; null: anything may have changed. */
export function heardOf(change: Change | null): void {
  const song = openSong.peek();
  if (song === null || (change !== null && change.song !== song)) return;
  if (change !== null && !change.arrangement && !change.sheet && change.stages.length === 0) return;
  inOrder(async () => {
    if (openSong.peek() !== song || saveState.peek() === "refused") return;
    const before = saved.peek()?.version;
    await reread(song);
    const isNew = saved.peek()?.version !== before;
    const isOwn = !isNew && change !== null && !change.sheet && change.stages.length === 0; // what was saved here comes back as news
    if (!isOwn && openSong.peek() === song) void loadSong(song);
    if (before !== undefined && isNew) announce("The arrangement was changed elsewhere; it is shown as it is now.");
  });
}
