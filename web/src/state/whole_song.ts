// The whole song as it would be assembled now, and as the player hears it: one part per stage.
import { signal } from "@preact/signals";
import { api, get } from "../api";
import type { Part, Scene } from "../audio/contract";
import { player } from "../audio/player";
import type { Roll, SongRoll, StageName } from "../types";
import { STAGES } from "../router";
import { fingerprint } from "./scenes";

export const wholeSong = signal<SongRoll | null>(null);
export const songProblem = signal<string | null>(null);

const asked = signal<string | null>(null); // the song that is asked for
let ticket = 0;

/** Ask for the song and make it ready to be heard; while it plays, it goes on from the same bar. */
export async function loadSong(song: string): Promise<void> {
  const mine = ++ticket;
  asked.value = song;
  try {
    const found = await get<SongRoll>(api("songs", song, "song"));
    if (mine !== ticket) return;
    wholeSong.value = found;
    songProblem.value = null;
    await player.load(sceneOf(song, found));
  } catch (reason) {
    if (mine !== ticket) return;
    wholeSong.value = null;
    songProblem.value = reason instanceof Error ? reason.message : String(reason);
    player.pause();
  }
}

export function closeSong(): void {
  ticket += 1;
  wholeSong.value = null;
  songProblem.value = null;
  if (isHeard()) player.pause();
  asked.value = null;
}

const sceneId = (song: string): string => `${song}/whole song`;
/** Whether the player has this song and not a candidate or another song. */
export const isHeard = (): boolean => asked.value !== null && player.state.value.scene?.id === sceneId(asked.value);

/** The tracks of one stage as a roll of its own. */
export function rollOfStage(whole: SongRoll, stage: StageName): Roll {
  return { ...whole.roll, tracks: whole.roll.tracks.filter((track) => whole.stages[track.name] === stage) };
}

function sceneOf(song: string, whole: SongRoll): Scene {
  const common = STAGES.flatMap((stage): Part[] => {
    const roll = rollOfStage(whole, stage);
    return roll.tracks.length ? [{ key: `${song}/${stage}/song/${fingerprint(roll)}/${gains(roll)}`, stage, roll, wav: null }] : [];
  });
  return { id: sceneId(song), title: "The whole song", common, choices: [], end_tick: whole.roll.end_tick, loop: false };
}

const gains = (roll: Roll): string => roll.tracks.map((track) => track.gain_db ?? 0).join(",");

/** Seconds at a tick, by the tempi of the song. */
export function secondsAt(roll: Roll, tick: number): number {
  let seconds = 0;
  roll.tempos.forEach(([start, bpm], index) => {
    const end = Math.min(tick, roll.tempos[index + 1]?.[0] ?? Infinity);
    if (end > start) seconds += ((end - start) / roll.ticks_per_beat) * (60 / bpm);
  });
  return seconds;
}

/** Number of the bar, from 1, that sounds at a tick. */
export function barAt(roll: Roll, tick: number): number {
  return Math.max(1, roll.bar_ticks.filter((start) => start <= tick + 1).length);
}
