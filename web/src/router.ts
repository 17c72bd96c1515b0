// Where the page is, kept in the address after #: reload, back and links work, and the server sees nothing of it.
import { signal } from "@preact/signals";
import type { NextStep, StageName } from "./types";

export const STAGES: readonly StageName[] = ["chords", "drums", "bass", "melody", "harmony", "lyrics"];

export type Route =
  | { view: "songs" }
  | { view: "stage"; song: string; stage: StageName | null } // null: the first stage that is open
  | { view: "arrangement"; song: string }
  | { view: "unknown"; hash: string };

export function parseRoute(hash: string): Route {
  const pieces = hash.replace(/^#\/?/, "").split("/").filter(Boolean).map(decoded);
  const [room, song, part] = pieces;
  if (pieces.length === 0) return { view: "songs" };
  if (room !== "song" || song === undefined || pieces.length > 3) return { view: "unknown", hash };
  if (part === undefined) return { view: "stage", song, stage: null };
  if (part === "arrangement") return { view: "arrangement", song };
  const stage = STAGES.find((name) => name === part);
  return stage ? { view: "stage", song, stage } : { view: "unknown", hash };
}

function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

export const songsHref = "#/";
export const songHref = (song: string): string => `#/song/${encodeURIComponent(song)}`;
export const stageHref = (song: string, stage: StageName): string => `${songHref(song)}/${stage}`;
export const arrangementHref = (song: string): string => `${songHref(song)}/arrangement`;

/** Where the next step of a song is done; a song that is done is heard where it is arranged. */
export const nextHref = (song: string, next: NextStep): string => (next.stage ? stageHref(song, next.stage) : arrangementHref(song));

/** The current place. Read `route.value` while rendering; change it with `go`. */
export const route = signal<Route>(parseRoute(location.hash));
window.addEventListener("hashchange", () => (route.value = parseRoute(location.hash)));

/** Go to an address made by the functions above. `replace` leaves no step in the history. */
export function go(href: string, replace = false): void {
  if (!replace) {
    location.hash = href;
    return;
  }
  history.replaceState(null, "", href);
  route.value = parseRoute(location.hash);
}
