// All songs, kept fresh: /api/songs once, then again whenever /api/events says that a song changed.
import { computed, signal } from "@preact/signals";
import { api, ApiError, get, stream } from "../api";
import type { Change, Library, SongCard } from "../types";
import { announce } from "./announce";

export const library = signal<Library | null>(null);
export const libraryProblem = signal<string | null>(null);
export const SHUT_OUT = "The studio was started anew: open the address it printed.";
/** Whether changes arrive; false while the server is gone. */
export const connected = signal(true);
/** Whether another start of the studio answers: it has a new secret, and does not let this tab in. */
export const shutOut = signal(false);

const byId = computed(() => new Map((library.value?.songs ?? []).map((song) => [song.id, song])));
/** The card of one song, or undefined while unknown. */
export const songOf = (id: string): SongCard | undefined => byId.value.get(id);

type Listener = (change: Change | null) => void;
const listeners = new Set<Listener>();

/** Be told of every change, by whoever; null: the connection was lost and anything may have changed. Returns the way out. */
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let asking = false;
let askAgain = false;

/** Fetch the library; several calls at once become two requests at most. */
export async function refreshLibrary(): Promise<void> {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    library.value = keepSame(library.value, await get<Library>(api("songs")));
    libraryProblem.value = null;
  } catch (reason) {
    libraryProblem.value = reason instanceof ApiError ? reason.message : String(reason);
  } finally {
    asking = false;
  }
  if (askAgain) {
    askAgain = false;
    await refreshLibrary();
  }
}

/** Songs whose version is the same keep their object, so that their cards are not rendered again. */
function keepSame(before: Library | null, after: Library): Library {
  if (before === null) return after;
  const known = new Map(before.songs.map((song) => [song.id, song]));
  return { ...after, songs: after.songs.map((song) => (known.get(song.id)?.version === song.version ? known.get(song.id)! : song)) };
}

const PROBE_MS = 3000;
let probe = 0;

/** While nothing is heard: find out whether nobody answers, or somebody who does not know this tab. */
function lookAgain(): void {
  window.clearTimeout(probe);
  if (connected.peek()) return;
  get<Library>(api("songs")).then(
    () => (shutOut.value = false),
    (reason: unknown) => {
      const isShutOut = reason instanceof ApiError && (reason.status === 401 || reason.status === 403);
      if (isShutOut && !shutOut.peek()) announce(SHUT_OUT);
      shutOut.value = isShutOut;
    },
  ).finally(() => (probe = window.setTimeout(lookAgain, PROBE_MS)));
}

let timer = 0;

/** Listen for as long as the page lives. */
export function watchLibrary(): () => void {
  void refreshLibrary();
  return stream<Change>(api("events"), {
    onData: (change) => {
      for (const listener of listeners) listener(change);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void refreshLibrary(), 60); // a run changes several files at once
    },
    onOpen: (again) => {
      connected.value = true;
      shutOut.value = false;
      if (again) announce("Connected to the studio again.");
      for (const listener of listeners) listener(null); // what changed before anybody listened was told to nobody
      void refreshLibrary();
    },
    onLost: () => {
      connected.value = false;
      announce("The studio does not answer; trying again.");
      probe = window.setTimeout(lookAgain, PROBE_MS);
    },
  });
}
