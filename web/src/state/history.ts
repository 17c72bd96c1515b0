// Undo and redo of everything this tab did to a song; the server keeps the history, so a reload does not lose it.
import { signal } from "@preact/signals";
import { api, client, get, post } from "../api";
import type { History, Undone } from "../types";
import { announce } from "./announce";
import { blind } from "./blind";
import { complain } from "./notice";
import { whyNoMarks } from "./permission";
import { inOrder } from "./queue";
import { refresh, stageDocument } from "./stage_document";

const NOTHING: History = { undo: null, redo: null };

/** What would be undone and redone in the song that is open, in words. */
export const history = signal<History>(NOTHING);

/** Ask what can be undone in a song. */
export async function loadHistory(song: string): Promise<void> {
  history.value = NOTHING;
  try {
    history.value = await get<History>(`${api("songs", song, "history")}?client=${encodeURIComponent(client)}`);
  } catch (reason) {
    complain("What can be undone is not known", reason);
  }
}

export const undo = (song: string): void => step(song, "undo");
export const redo = (song: string): void => step(song, "redo");

/** Steps wait for marks on their way: a quick "a z" takes back the approval it meant. */
function step(song: string, direction: "undo" | "redo"): void {
  const [done, failed] = direction === "undo" ? ["Undone", "Nothing was undone"] : ["Done again", "Nothing was redone"];
  if (whyNoMarks.peek()) {
    announce(whyNoMarks.peek()!);
    return;
  }
  inOrder(async () => {
    if (history.peek()[direction] === null) {
      announce(direction === "undo" ? "There is nothing to undo." : "There is nothing to do again.");
      return;
    }
    try {
      const answer = await post<Undone>(api("songs", song, direction), { client });
      history.value = answer.history;
      announce(blind.peek() ? `${done}.` : `${done}: ${answer.what}`); // what was done names ids, which say generations
    } catch (reason) {
      complain(failed, reason);
      await loadHistory(song);
    }
    if (stageDocument.peek()?.song === song) await refresh();
  });
}
