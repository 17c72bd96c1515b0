// One sounding note: reads its recording, duller when struck softly, and lets go when its time has come.
import type { Sound } from "./sound";

const FADE_IN_S = 0.012, CUT_S = 0.006; // CUT_S: to 1/e
const OVER = 1e-4; // −80 dB: not heard any more

export interface VoiceStart { left: number; right: number; cutoff_hz: number; off_s: number; offset: number; elapsed: number } // elapsed: samples already over

export class Voice {
  off_s = 0;
  choke = 0;
  private sound: Sound | null = null;
  private at = 0; // place in the recording
  private wait = 0; // samples until it begins
  private left = 0;
  private right = 0;
  private opening = 1; // coefficient of the low-pass filter
  private filtered = 0;
  private envelope = 1;
  private dying = 1; // factor per sample
  private rising = 0; // fade-in still to go, 0 to 1

  constructor(private readonly sample_rate: number) {}

  begin(sound: Sound, { left, right, cutoff_hz, off_s, offset, elapsed }: VoiceStart): void {
    this.sound = sound;
    this.off_s = off_s;
    this.choke = sound.choke;
    this.left = left * sound.scale;
    this.right = right * sound.scale;
    this.opening = cutoff_hz > 0.35 * this.sample_rate ? 1 : 1 - Math.exp((-2 * Math.PI * cutoff_hz) / this.sample_rate);
    this.wait = offset;
    this.envelope = 1;
    this.dying = 1;
    this.rising = elapsed ? 1 : 0;
    const loop = sound.loop_end - sound.loop_start;
    this.at = sound.loop_end && elapsed >= sound.loop_end ? sound.loop_start + ((elapsed - sound.loop_start) % loop) : elapsed;
    this.filtered = elapsed ? (sound.samples[this.at] ?? 0) : 0;
  }

  /** Stop within a few milliseconds. */
  cut(): void {
    this.off_s = Infinity;
    this.dying = Math.exp(-1 / (CUT_S * this.sample_rate));
  }

  /** Add up to n samples; `off` is where in them the key is let go. False: it is over. */
  add(left: Float32Array, right: Float32Array, n: number, off: number): boolean {
    let from = this.wait;
    this.wait = 0;
    if (off < n && this.dying === 1) {
      const until = Math.max(from, off);
      if (until > from && !this.run(left, right, from, until)) return false;
      from = until;
      this.dying = Math.exp(-1 / (Math.max(0.01, this.sound!.release_s) * this.sample_rate));
    }
    return this.run(left, right, from, n);
  }

  private run(left: Float32Array, right: Float32Array, from: number, to: number): boolean {
    const { samples, loop_start, loop_end } = this.sound!;
    const l = this.left, r = this.right, opening = this.opening, dying = this.dying;
    const end = loop_end || samples.length, rise = 1 / (FADE_IN_S * this.sample_rate);
    let { at, filtered, envelope, rising } = this;
    for (let i = from; i < to; i++) {
      if (at >= end) {
        if (!loop_end) return false;
        at = loop_start;
      }
      filtered += opening * (samples[at++]! - filtered);
      let value = filtered * envelope;
      if (rising > 0) {
        value *= 1 - rising;
        rising -= rise;
      }
      left[i]! += l * value;
      right[i]! += r * value;
      envelope *= dying;
    }
    this.at = at;
    this.filtered = filtered;
    this.envelope = envelope;
    this.rising = rising;
    return envelope > OVER;
  }
}
