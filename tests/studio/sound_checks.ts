// What the page's sound must keep, measured without a browser: run by test_sound.py, one JSON object on stdout.
import { noise } from "../../web/src/audio/dsp";
import { Engine, render_dry } from "../../web/src/audio/engine";
import { matching_db } from "../../web/src/audio/hearing";
import { make_sound } from "../../web/src/audio/instruments";
import { Limiter } from "../../web/src/audio/limiter";
import { loudness_lufs } from "../../web/src/audio/loudness";
import { scene_score, TempoMap } from "../../web/src/audio/score";
import type { Sound } from "../../web/src/audio/sound";

const RATE = 44100, BLOCK = 128;
const sounds = new Map<number, Sound>();
const have = (id: number) => sounds.get(id) ?? sounds.set(id, make_sound(id >> 7, id & 127, RATE)).get(id)!;

type Row = [number, number, number, number];
const roll = (program: number, is_drum: boolean, notes: Row[], bpm = 120) => ({
  ticks_per_beat: 480, end_tick: 3840, tempos: [[0, bpm]] as [number, number][], meter: "4/4", bar_ticks: [0, 1920],
  tracks: [{ name: "x", program, is_drum, notes }], syllables: [], chords: [], markers: [],
});
const part = (stage: string, program: number, is_drum: boolean, notes: Row[], bpm?: number) =>
  ({ key: stage, stage: stage as never, wav: null, roll: roll(program, is_drum, notes, bpm) });
const beat = part("drums", 0, true, Array.from({ length: 8 }, (_, k): Row => [480 * k, 120, [36, 42, 38, 46][k % 4]!, 110]));
const pad = part("harmony", 89, false, [[0, 3840, 60, 90], [0, 3840, 64, 90]]);
const tune = part("melody", 53, false, Array.from({ length: 4 }, (_, k): Row => [960 * k, 900, 60 + k, 100]));
const scene = (parts: typeof beat[], loop: boolean) =>
  scene_score({ id: "s", title: "s", common: parts, choices: [], end_tick: 3840, loop }, (_, make) => make());

function play(parts: typeof beat[], { loop = true, dry = true, seconds = 12, gain = 1, each = (_e: Engine, _s: number) => {} } = {}) {
  const score = scene(parts, loop), engine = new Engine(RATE, dry);
  for (const one of score.parts) for (const id of one.ids) engine.sounds.set(id, have(id));
  engine.load(score, Object.fromEntries(parts.map((one) => [one.key, gain])), 0);
  engine.play(0);
  const n = Math.ceil((seconds * RATE) / BLOCK) * BLOCK, left = new Float32Array(n), right = new Float32Array(n);
  for (let at = 0; at < n; at += BLOCK) {
    each(engine, at / RATE);
    engine.process(left.subarray(at, at + BLOCK), right.subarray(at, at + BLOCK), BLOCK);
  }
  return { left, right, engine };
}

const peak = (x: Float32Array, from_s = 0, to_s = x.length / RATE) => x.subarray(Math.round(from_s * RATE), Math.round(to_s * RATE)).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
const difference = (x: Float32Array, y: Float32Array) => x.reduce((worst, value, k) => Math.max(worst, Math.abs(value - y[k]!)), 0);

// Four seconds at 120 bpm are 176,400 samples: the second and the third time through must be the same samples.
const looped = play([beat, pad, tune]).left, round = 4 * RATE;
const loop_error = difference(looped.subarray(round, 2 * round - 8), looped.subarray(2 * round, 3 * round - 8));
const step_at = (x: Float32Array, from: number, to: number) => { let worst = 0; for (let i = from; i < to; i++) worst = Math.max(worst, Math.abs(x[i]! - x[i - 1]!)); return worst; };
const held = play([pad]).left;
const seam = step_at(held, round + RATE, round + 2 * RATE), voice = have(53 * 128 + 60);

const limiter = new Limiter(RATE), loud = noise(RATE, 1).map((v, k) => v * (k % 5000 < 300 ? 9 : 0.4)), other = loud.slice();
for (let at = 0; at + BLOCK <= RATE; at += BLOCK) limiter.process(loud.subarray(at, at + BLOCK), other.subarray(at, at + BLOCK), BLOCK);

const soft = part("melody", 53, false, [[0, 3840, 60, 50]]), strong = part("melody", 53, false, [[0, 3840, 60, 120]]);
const lufs = (one: typeof beat, gain = 1) => { const { left, right } = play([one], { loop: false, seconds: 4, gain }); return loudness_lufs(left, right, RATE)!; };
const before = [lufs(soft), lufs(strong)], more = matching_db(before), after = [soft, strong].map((one, k) => lufs(one, 10 ** (more[k]! / 20)));

const map = new TempoMap({ ticks_per_beat: 480, tempos: [[0, 120], [960, 60]] });
const slower = play([beat], { loop: false, seconds: 9, each: (e, s) => { if (s === 0) e.tempo(0.5); } }).left;
const muted = play([beat, pad], { seconds: 4, each: (e, s) => { if (s > 1.9 && s < 1.9 + BLOCK / RATE) e.set_levels({ drums: 0, harmony: 0 }); } }).left;
const ended = play([tune], { loop: false, seconds: 6 });
const [dry] = render_dry(scene([beat], false).parts[0]!, new Map([36, 42, 38, 46].map((p) => [128 * 128 + p, have(128 * 128 + p)])), 4, RATE);
const edge = (sound: Sound) => Math.abs(sound.samples[sound.loop_end - 1]! - sound.samples[sound.loop_start]!) / 32767;
const choked = play([part("drums", 0, true, [[0, 100, 46, 120], [480, 100, 42, 120]])], { loop: false, seconds: 2 }).left;
const open = play([part("drums", 0, true, [[0, 100, 46, 120]])], { loop: false, seconds: 2 }).left;

console.log(JSON.stringify({
  loop_error, seam_step: seam, held_step: step_at(held, 2 * RATE, 3 * RATE), voice_edge: edge(voice),
  limited_peak: Math.max(peak(loud), peak(other)), mix_peak: peak(play([beat, pad, tune], { dry: false, gain: 8, seconds: 4 }).left),
  before, after, seconds: [map.at(960), map.at(1920)], ticks: map.tick(4),
  same: difference(play([beat]).left, play([beat]).left), same_sound: difference(Float32Array.from(make_sound(128, 49, RATE).samples), Float32Array.from(make_sound(128, 49, RATE).samples)),
  slow_first: peak(slower, 0, 0.05), slow_gap: peak(slower, 0.92, 0.999), slow_second: peak(slower, 1, 1.05),
  muted_before: peak(muted, 1.5, 1.9), muted_after: peak(muted, 1.93, 4), ended: ended.engine.playing, missed: ended.engine.missed, dry: peak(dry),
  choked: peak(choked, 0.7, 0.85), open: peak(open, 0.7, 0.85),
  families: Array.from({ length: 128 }, (_, p) => { const s = make_sound(p, 60, RATE); return s.samples.every((v) => Number.isFinite(v)) && s.scale > 0 && s.samples.length > 2000; }).every(Boolean),
  drums: Array.from({ length: 60 }, (_, k) => make_sound(128, 27 + k, RATE)).every((s) => s.scale > 0 && s.scale * 32767 < 2),
}));
