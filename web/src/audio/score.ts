// From the page's scenes to what the engine plays: ticks to seconds by the tempo map, notes to sounds with gains and places.
import type { Roll, RollTrack, StageName } from "../types";
import type { Part, Scene } from "./contract";
import type { PartScore, SceneScore } from "./messages";
import { DRUMS, sound_id } from "./sound";
import { hertz } from "./struck";

interface Level { gain_db: number; pan: number; send: number }

/**
 * Beside each other as composition/arrangement/levels.py measured it: below the whole lie melody 4, drums 5, bass 7, chords 9,
 * harmony 13 LU (these gains, over ten sections of eight songs: 5, 6, 8, 11, 13). Its own numbers are for other voices.
 */
const LEVELS: Record<StageName, Level> = {
  chords: { gain_db: -8, pan: -0.15, send: 0.2 },
  drums: { gain_db: 1, pan: 0, send: 0.1 },
  bass: { gain_db: -2, pan: 0, send: 0.03 },
  melody: { gain_db: -0.5, pan: 0.08, send: 0.22 },
  harmony: { gain_db: -9, pan: 0.25, send: 0.32 },
  lyrics: { gain_db: 1, pan: 0, send: 0.24 },
};
const DOUBLED_MELODY_DB = -8; // the instrument that plays what is sung
const SEATS: Record<string, number> = { "Violin I": -0.4, "Violin II": -0.15, Viola: 0.15, Cello: 0.35 };
const KIT_SEATS: Record<number, number> = { 42: 0.3, 44: 0.3, 46: 0.3, 49: -0.4, 57: 0.45, 51: -0.35, 53: -0.35, 59: -0.35, 54: 0.4, 70: -0.45, 69: -0.45, 82: -0.45, 56: 0.25, 39: 0.1, 50: 0.3, 48: 0.22, 47: 0.1, 45: -0.1, 43: -0.25, 41: -0.35 };
const SPREAD = 0.3; // how far low and high notes of one instrument lie apart, per four octaves

/** Ticks to seconds and back by a tempo map: ticks, seconds at them, seconds per tick after them. */
export class TempoMap {
  private readonly ticks: number[] = [];
  private readonly seconds: number[] = [];
  private readonly rates: number[] = [];

  constructor(roll: Pick<Roll, "tempos" | "ticks_per_beat">) {
    const tempos = roll.tempos.length ? roll.tempos : ([[0, 120]] as [number, number][]);
    for (const [tick, bpm] of [...tempos].sort((a, b) => a[0] - b[0])) {
      const begin = this.ticks.length ? tick : 0; // the first tempo holds from the beginning
      this.seconds.push(this.ticks.length ? this.at(begin) : 0);
      this.ticks.push(begin);
      this.rates.push(60 / (Math.max(1, bpm) * roll.ticks_per_beat));
    }
  }

  at(tick: number): number {
    const k = place(this.ticks, tick);
    return this.seconds[k]! + (tick - this.ticks[k]!) * this.rates[k]!;
  }

  tick(second: number): number {
    const k = place(this.seconds, second);
    return this.ticks[k]! + (second - this.seconds[k]!) / this.rates[k]!;
  }
}

/** Last index whose value is at most x (0 when none is). */
function place(values: number[], x: number): number {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (values[middle]! <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function parts_of(scene: Scene): Part[] {
  return [...scene.common, ...scene.choices.map((choice) => choice.part)];
}

/** The part whose ticks and tempi are the scene's: the longest tempo map, else what is being judged. */
export function leading(scene: Scene): Part | null {
  const parts = [...scene.choices.map((choice) => choice.part), ...scene.common];
  return parts.reduce<Part | null>((best, part) => (best && best.roll.tempos.length >= part.roll.tempos.length ? best : part), null);
}

export function scene_score(scene: Scene, cached: (part: Part, make: () => PartScore) => PartScore): SceneScore {
  const lead = leading(scene);
  const end_s = lead ? new TempoMap(lead.roll).at(scene.end_tick) : 0;
  return { parts: parts_of(scene).map((part) => cached(part, () => part_score(part))), end_s: Math.max(0.1, end_s), loop: scene.loop };
}

/** Gain of a part beside the others: the melody steps back where the same is sung. */
export function part_gain(part: Part, scene: Scene): number {
  const sung = scene.common.some((other) => other.stage === "lyrics") || scene.choices.some((other) => other.part.stage === "lyrics");
  return part.stage === "melody" && sung ? 10 ** (DOUBLED_MELODY_DB / 20) : 1;
}

export function part_score(part: Part): PartScore {
  const map = new TempoMap(part.roll), level = LEVELS[part.stage];
  const rows = part.roll.tracks.flatMap((track) => track.notes.map(([onset, duration, pitch, velocity]) => ({
    id: sound_id(track.is_drum ? DRUMS : track.program, pitch),
    onset_s: map.at(onset),
    end_s: map.at(onset + Math.max(1, duration)),
    ...gains(track, level, pitch, velocity),
  })));
  rows.sort((a, b) => a.onset_s - b.onset_s || a.id - b.id);
  return {
    key: part.key,
    ids: Int32Array.from(rows, (row) => row.id),
    onset_s: Float64Array.from(rows, (row) => row.onset_s),
    end_s: Float64Array.from(rows, (row) => row.end_s),
    left: Float32Array.from(rows, (row) => row.left),
    right: Float32Array.from(rows, (row) => row.right),
    cutoff_hz: Float32Array.from(rows, (row) => row.cutoff_hz),
    send: level.send,
  };
}

function gains(track: RollTrack, level: Level, pitch: number, velocity: number): { left: number; right: number; cutoff_hz: number } {
  const force = velocity / 127;
  const gain = force * force * 10 ** ((level.gain_db + (track.gain_db ?? 0)) / 20); // by its square, as General MIDI says
  const spread = (SPREAD * (pitch - 60)) / 48;
  const seat = track.is_drum ? (KIT_SEATS[pitch] ?? 0) : (SEATS[track.name] ?? level.pan + (track.program < 32 ? spread : 0));
  const angle = (Math.min(1, Math.max(-1, seat)) + 1) * (Math.PI / 4);
  const cutoff_hz = track.is_drum ? 2500 + 17000 * force : 3 * hertz(pitch) + 16000 * force * force;
  return { left: gain * Math.SQRT2 * Math.cos(angle), right: gain * Math.SQRT2 * Math.sin(angle), cutoff_hz };
}
