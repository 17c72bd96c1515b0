// What the rest of the page may ask of the sound: one player for the whole page (audio/player.ts exports `player`).
import type { Signal } from "@preact/signals";
import type { Roll, StageName } from "../types";

/** One stage's notes. `key` names them for good ("melody/verse-a-g1-1234"), so that rendered sound can be kept. */
export interface Part { key: string; stage: StageName; roll: Roll; wav: string | null } // wav: address of the rendered sound, null: synth only

/** What is heard: `common` always, and one of `choices` (A, B, …) at a time. All parts begin together at tick 0. */
export interface Scene {
  id: string; title: string;
  common: Part[]; choices: { name: string; part: Part }[];
  end_tick: number; loop: boolean; // loop: from end_tick back to 0 without a gap
}

export interface PlayerState {
  scene: Scene | null; playing: boolean; ready: boolean; // ready: sound can start within 100 ms
  choice: number; // index in scene.choices
  tempo_scale: number; // 1 = as written; 0.5 to 1.5
  volume_db: number; muted: ReadonlySet<StageName>; solo: ReadonlySet<StageName>;
  sound: "synth" | "rendered"; matched: boolean; // matched: choices are brought to one loudness
  problem: string | null;
}

export interface Player {
  readonly state: Signal<PlayerState>;
  /** Position in ticks now, for cursors; read it in requestAnimationFrame. */
  position(): number;
  /** Replace what is heard. While playing it goes on at the same bar position (modulo the new end); else it is only made ready. */
  load(scene: Scene, choice?: number): Promise<void>;
  play(from_tick?: number): Promise<void>;
  pause(): void;
  toggle(): Promise<void>;
  seek(tick: number): void;
  /** Switch A/B without losing the beat. */
  choose(index: number): void;
  mute(stage: StageName, on: boolean): void;
  soloed(stage: StageName, on: boolean): void;
  tempo(scale: number): void;
  volume(db: number): void;
  use(sound: "synth" | "rendered"): void;
  match(on: boolean): void;
  /** For tests and meters: seconds of the audio clock, RMS and peak (0–1) of the last 50 ms of what is heard. */
  meter(): { clock_s: number; rms: number; peak: number };
}
