// One recorded note or stroke, as voices make it and the engine plays it.
import { loudest_rms } from "./loudness";

export interface Sound {
  samples: Int16Array; // 16 bits: half the memory, 96 dB below its own peak
  scale: number; // amplitude of one step
  loop_start: number; loop_end: number; // samples; loop_end 0: plays once. A loop repeats exactly, so no seam can be heard
  release_s: number; // after the key is let go, to 1/e; 0: rings until it has died away
  choke: number; // strokes of one group silence each other (hi-hat); 0: none
}

export const DRUMS = 128; // pseudo program of the drum kit

/** Names a sound for good: one number per program and pitch. */
export const sound_id = (program: number, pitch: number): number => program * 128 + pitch;
export const sound_bytes = (sound: Sound): number => sound.samples.length * 2 + 64;

const REFERENCE_RMS = 0.1; // K-weighted, of the loudest 200 ms of a note at full velocity, as in whitelight.audio.voices
const WINDOW_S = 0.2;

/** Bring to the reference level (plus `gain_db`) and to 16 bits. */
export function packed(x: Float32Array, sample_rate: number, gain_db: number, rest: Omit<Sound, "samples" | "scale">): Sound {
  const head = x.subarray(0, Math.min(x.length, Math.round(1.2 * sample_rate)));
  const rms = loudest_rms(head, WINDOW_S, sample_rate);
  const gain = rms > 0 ? (REFERENCE_RMS * 10 ** (gain_db / 20)) / rms : 0;
  let peak = 1e-9;
  for (let i = 0; i < x.length; i++) peak = Math.max(peak, Math.abs(x[i]!));
  const samples = new Int16Array(x.length);
  for (let i = 0; i < x.length; i++) samples[i] = Math.round((x[i]! / peak) * 32767);
  return { samples, scale: (gain * peak) / 32767, ...rest };
}
