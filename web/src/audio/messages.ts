// What the page, the maker of sounds (a worker) and the engine (an audio worklet) say to each other.
import type { Sound } from "./sound";

/** A part made ready to play: one row per note, sorted by onset. Seconds are at the tempo as written. */
export interface PartScore {
  key: string;
  ids: Int32Array; // `sound_id` of each note
  onset_s: Float64Array; end_s: Float64Array;
  left: Float32Array; right: Float32Array; // gains: velocity, level of the stage, place between the loudspeakers
  cutoff_hz: Float32Array; // soft strokes are duller
  send: number; // to the room
}

/** A rendered recording of a part, at one tempo. */
export interface Clip { left: Int16Array; right: Int16Array; tempo_scale: number }

export interface SceneScore { parts: PartScore[]; end_s: number; loop: boolean }

export type ToEngine =
  | { type: "maker"; port: MessagePort }
  | { type: "scene"; scene: SceneScore; levels: Record<string, number>; at_s: number | null } // null: go on where it is
  | { type: "play"; at_s: number | null } | { type: "pause" } | { type: "seek"; at_s: number }
  | { type: "tempo"; scale: number } | { type: "volume"; gain: number } | { type: "levels"; levels: Record<string, number> }
  | { type: "clip"; key: string; clip: Clip | null } | { type: "drop"; ids: number[] };

export type MakerToEngine = { type: "sound"; id: number; sound: Sound };

/** Where the music was at a frame of the audio clock; and what went wrong until then. */
export interface Anchor { type: "anchor"; frame: number; position_s: number; tempo_scale: number; playing: boolean; missed: number; voices: number; least_gain: number }
export type FromEngine = Anchor | { type: "have"; ids: number[] } | { type: "ended" };

export type ToMaker =
  | { type: "begin"; sample_rate: number; engine: MessagePort }
  | { type: "make"; ids: number[] } | { type: "drop"; ids: number[] }
  | { type: "loudness"; part: PartScore; scene_end_s: number };
export type FromMaker = { type: "made"; id: number; bytes: number; took_ms: number } | { type: "loudness"; key: string; lufs: number | null };
