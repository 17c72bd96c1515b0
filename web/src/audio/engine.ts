// Plays parts: starts recorded notes at their sample, follows tempo, loops without a seam, fades parts in and out, adds the room,
// limits. Nothing here knows of the page: the audio worklet runs it live, a worker measures loudness with it, tests run it in node.
// Time is score seconds (at the tempo as written), counted on without end in a loop, so that no rounding adds up.
import { Limiter } from "./limiter";
import type { Clip, PartScore, SceneScore } from "./messages";
import { PlayingPart } from "./playing_part";
import { Reverb } from "./reverb";
import type { Sound } from "./sound";

const MASTER = 10 ** (6 / 20); // a full section comes to about -16 LUFS and leaves the limiter little to do
export const BLOCK = 128;

export class Engine {
  readonly sounds = new Map<number, Sound>();
  playing = false;
  ended = false; // the end of a scene that does not loop was reached
  missed = 0; // notes whose sound was not there in time
  least_gain = 1;
  private parts: PlayingPart[] = [];
  private scene: SceneScore = { parts: [], end_s: 1, loop: false };
  private readonly clips = new Map<string, Clip>();
  private levels: Record<string, number> = {};
  private now_s = 0; // counted on in loops
  private scale = 1;
  private volume = 1;
  private volume_target = 1;
  private readonly reverb: Reverb;
  private readonly limiter: Limiter;
  private readonly left = new Float32Array(BLOCK);
  private readonly right = new Float32Array(BLOCK);
  private readonly room = new Float32Array(BLOCK);

  constructor(private readonly sample_rate: number, private readonly dry = false) { // dry: no room and no limiter, for measuring
    this.reverb = new Reverb(sample_rate);
    this.limiter = new Limiter(sample_rate);
  }

  get position_s(): number { return this.scene.loop ? this.now_s % this.scene.end_s : Math.min(this.now_s, this.scene.end_s); }
  get tempo_scale(): number { return this.scale; }
  get n_voices(): number { return this.parts.reduce((sum, part) => sum + part.n_voices, 0); }

  /** Replace what is heard. Parts of the same key at the same place sound on; the others cross over. */
  load(scene: SceneScore, levels: Record<string, number>, at_s: number | null): void {
    const before_s = this.position_s, to_s = at_s ?? before_s;
    const stays = Math.abs(to_s - before_s) < 1e-6 && Math.abs(scene.end_s - this.scene.end_s) < 1e-9;
    if (!stays) this.now_s = scene.loop ? to_s % scene.end_s : to_s;
    const kept = new Map(stays ? this.parts.filter((part) => !part.leaving).map((part) => [part.score.key, part]) : []);
    const parts = scene.parts.map((score) => {
      const part = kept.get(score.key);
      kept.delete(score.key);
      return part && part.score.ids.length === score.ids.length ? part : new PlayingPart(score, this.sample_rate);
    });
    for (const part of this.parts) if (!parts.includes(part)) part.leave();
    this.parts = [...this.parts.filter((part) => part.leaving && !part.silent), ...parts];
    this.scene = scene;
    for (const key of this.clips.keys()) if (!scene.parts.some((score) => score.key === key)) this.clips.delete(key);
    this.set_levels(levels);
  }

  set_levels(levels: Record<string, number>): void {
    this.levels = levels;
    for (const part of this.parts) if (!part.leaving) part.set_level(this.playing ? (levels[part.score.key] ?? 0) : 0);
  }

  play(at_s: number | null): void {
    this.move(at_s ?? this.position_s);
    this.playing = true;
    this.ended = false;
    this.set_levels(this.levels);
  }

  pause(): void {
    this.playing = false;
    for (const part of this.parts) part.set_level(0);
  }

  seek(at_s: number): void {
    this.move(at_s);
    if (this.playing) this.set_levels(this.levels);
  }

  tempo(scale: number): void { this.scale = scale; }
  set_volume(gain: number): void { this.volume_target = gain; }

  set_clip(key: string, clip: Clip | null): void {
    if (clip) this.clips.set(key, clip);
    else this.clips.delete(key);
  }

  /** Everything begins anew at another place: what sounds is faded out, notes that are held there come in. */
  private move(at_s: number): void {
    this.now_s = Math.max(0, Math.min(at_s, this.scene.end_s));
    const scores = this.scene.parts;
    for (const part of this.parts) part.leave();
    this.parts = [...this.parts.filter((part) => !part.silent), ...scores.map((score) => new PlayingPart(score, this.sample_rate))];
  }

  /** Write the next `n` ≤ 128 samples of both sides. */
  process(out_left: Float32Array, out_right: Float32Array, n: number): void {
    const { left, right, room, scene } = this;
    left.fill(0);
    right.fill(0);
    room.fill(0);
    const step = this.scale / this.sample_rate;
    for (const part of this.parts) {
      const clip = this.clips.get(part.score.key);
      const time = { now_s: this.now_s, step, n, end_s: scene.end_s, loop: scene.loop };
      this.missed += part.process(left, right, room, time, this.sounds, clip && Math.abs(clip.tempo_scale / this.scale - 1) < 1e-4 ? clip : null);
    }
    if (this.parts.some((part) => part.leaving && part.silent)) this.parts = this.parts.filter((part) => !part.leaving || !part.silent);
    if (this.playing) this.advance(n * step);
    if (!this.dry) this.finish(n);
    out_left.set(n === BLOCK ? left : left.subarray(0, n));
    out_right.set(n === BLOCK ? right : right.subarray(0, n));
  }

  private advance(by_s: number): void {
    this.now_s += by_s;
    if (!this.scene.loop && this.now_s >= this.scene.end_s) {
      this.pause();
      for (const part of this.parts) part.ring();
      this.ended = true;
    }
  }

  private finish(n: number): void {
    this.reverb.process(this.room, this.left, this.right, n);
    const { left, right } = this;
    for (let i = 0; i < n; i++) {
      this.volume += (this.volume_target - this.volume) * 0.002;
      left[i]! *= this.volume * MASTER;
      right[i]! *= this.volume * MASTER;
    }
    this.least_gain = Math.min(this.least_gain, this.limiter.process(left, right, n));
  }
}

/** Play one part alone, without room and limiter, once through; for measuring it. */
export function render_dry(part: PartScore, sounds: Map<number, Sound>, end_s: number, sample_rate: number): [Float32Array, Float32Array] {
  const engine = new Engine(sample_rate, true);
  for (const [id, sound] of sounds) engine.sounds.set(id, sound);
  engine.load({ parts: [part], end_s, loop: false }, { [part.key]: 1 }, 0);
  engine.play(0);
  const n = Math.ceil((end_s * sample_rate) / BLOCK) * BLOCK;
  const left = new Float32Array(n), right = new Float32Array(n);
  for (let at = 0; at < n; at += BLOCK) engine.process(left.subarray(at, at + BLOCK), right.subarray(at, at + BLOCK), BLOCK);
  return [left, right];
}
