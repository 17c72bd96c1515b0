// One part while it plays: its place in its notes, its sounding voices, its level that moves without a click.
import type { Clip, PartScore } from "./messages";
import type { Sound } from "./sound";
import { BLOCK } from "./engine";
import { Voice } from "./voice";

const CROSS_S = 0.012; // in and out: no click, no lost beat
const RING_S = 1.5; // what still sounds when a song ends
const LAST_STROKES_S = 1.5; // how far back a cymbal that still rings is looked for
const MOST_VOICES = 48;

export interface PartTime { now_s: number; step: number; n: number; end_s: number; loop: boolean } // step: score seconds per sample

export class PlayingPart {
  leaving = false;
  private ringing = false;
  private level = 0;
  private target = 0;
  private slope = 0; // of the level, per sample
  private entered = false; // its place in the notes is right
  private index = 0;
  private turn = 0; // how often the loop has been through
  private voices: Voice[] = [];
  private idle: Voice[] = [];
  private clip_rise = 0;
  private playing_clip = false;
  private readonly left = new Float32Array(BLOCK);
  private readonly right = new Float32Array(BLOCK);

  constructor(readonly score: PartScore, private readonly sample_rate: number) {}

  get silent(): boolean { return this.target === 0 && (this.level === 0 || !this.entered); }
  get n_voices(): number { return this.voices.length; }

  set_level(target: number): void {
    this.target = target;
    if (!this.entered) this.level = target; // its voices begin softly themselves, and a first stroke keeps its edge
    this.slope = (target - this.level) / (CROSS_S * this.sample_rate);
  }

  /** Fade out for good. */
  leave(): void {
    this.leaving = true;
    this.set_level(0);
  }

  /** Let what sounds die away slowly: the end of a song. */
  ring(): void {
    this.leaving = this.ringing = true;
    this.slope = -this.level / (RING_S * this.sample_rate);
  }

  /** Add the next samples; returns how many notes had no sound. */
  process(left: Float32Array, right: Float32Array, room: Float32Array, time: PartTime, sounds: Map<number, Sound>, clip: Clip | null): number {
    if (this.silent) {
      this.rest();
      return 0;
    }
    this.left.fill(0);
    this.right.fill(0);
    let missed = 0;
    if (clip && (!this.leaving || this.playing_clip)) this.play_clip(clip, time);
    else missed = this.play_notes(time, sounds);
    this.mix(left, right, room, time.n);
    return missed;
  }

  private rest(): void {
    this.entered = false;
    this.level = 0;
    if (this.voices.length) this.idle.push(...this.voices.splice(0));
  }

  private play_notes(time: PartTime, sounds: Map<number, Sound>): number {
    let missed = 0;
    if (!this.leaving) {
      if (this.playing_clip) this.entered = this.playing_clip = false; // from the recording back to the notes
      if (!this.entered) this.enter(time, sounds);
      missed = this.start_notes(time, sounds);
    }
    let kept = 0;
    for (const voice of this.voices) {
      const off = this.ringing ? 0 : Math.ceil((voice.off_s - time.now_s) / time.step);
      if (voice.add(this.left, this.right, time.n, off)) this.voices[kept++] = voice;
      else this.idle.push(voice);
    }
    this.voices.length = kept;
    return missed;
  }

  /** Find the place in the notes, and take up what is held there as if it had sounded all along. */
  private enter({ now_s, step, end_s, loop }: PartTime, sounds: Map<number, Sound>): void {
    const { onset_s, end_s: off_s, ids } = this.score;
    this.entered = true;
    this.turn = loop ? Math.floor(now_s / end_s + 1e-9) : 0;
    const at_s = now_s - this.turn * end_s;
    this.index = 0;
    while (this.index < onset_s.length && onset_s[this.index]! < at_s - 1e-7) {
      const k = this.index++, sound = sounds.get(ids[k]!);
      const heard_until = sound && !sound.release_s ? onset_s[k]! + LAST_STROKES_S : off_s[k]!;
      if (sound && heard_until > at_s) this.begin(k, sound, 0, Math.round((at_s - onset_s[k]!) / step), end_s);
    }
  }

  private start_notes({ now_s, step, n, end_s, loop }: PartTime, sounds: Map<number, Sound>): number {
    const { onset_s, ids } = this.score;
    let missed = 0;
    for (;;) {
      if (this.index >= ids.length || onset_s[this.index]! >= end_s - 1e-9) {
        if (!loop || !ids.length || onset_s[0]! >= end_s) return missed;
        this.index = 0;
        this.turn++;
      }
      const offset = Math.round((this.turn * end_s + onset_s[this.index]! - now_s) / step);
      if (offset >= n) return missed;
      const sound = sounds.get(ids[this.index]!);
      if (sound) this.begin(this.index, sound, Math.max(0, offset), 0, end_s);
      else missed++;
      this.index++;
    }
  }

  private begin(k: number, sound: Sound, offset: number, elapsed: number, end_s: number): void {
    const { left, right, cutoff_hz, end_s: off_s } = this.score;
    if (sound.choke) for (const other of this.voices) if (other.choke === sound.choke) other.cut();
    if (this.voices.length >= MOST_VOICES) this.voices[0]!.cut();
    const voice = this.idle.pop() ?? new Voice(this.sample_rate);
    const until_s = sound.release_s ? this.turn * end_s + off_s[k]! : Infinity;
    voice.begin(sound, { left: left[k]!, right: right[k]!, cutoff_hz: cutoff_hz[k]!, off_s: until_s, offset, elapsed });
    this.voices.push(voice);
  }

  private play_clip(clip: Clip, { now_s, step, n, end_s, loop }: PartTime): void {
    if (this.voices.length) this.idle.push(...this.voices.splice(0));
    if (!this.entered) this.clip_rise = 0;
    this.entered = true;
    this.playing_clip = true;
    const rise = 1 / (CROSS_S * this.sample_rate);
    const length = end_s / step;
    let at = (loop ? now_s % end_s : now_s) / step;
    for (let i = 0; i < n; i++, at++) {
      if (loop && at >= length) at -= length;
      const k = Math.round(at);
      if (k >= clip.left.length) continue;
      this.clip_rise = Math.min(1, this.clip_rise + rise);
      this.left[i] = (this.clip_rise * clip.left[k]!) / 32768;
      this.right[i] = (this.clip_rise * clip.right[k]!) / 32768;
    }
  }

  private mix(left: Float32Array, right: Float32Array, room: Float32Array, n: number): void {
    const send = this.score.send * 0.5;
    for (let i = 0; i < n; i++) {
      if (this.slope) this.slide();
      const l = this.left[i]! * this.level, r = this.right[i]! * this.level;
      left[i]! += l;
      right[i]! += r;
      room[i]! += send * (l + r);
    }
  }

  private slide(): void {
    this.level += this.slope;
    if ((this.target - this.level) * this.slope <= 0) {
      this.level = this.target;
      this.slope = 0;
    }
  }
}
