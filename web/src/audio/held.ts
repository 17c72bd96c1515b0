// Notes that sound as long as the key is held: bowed, blown, sung, synthesized. Several detuned oscillators read two cycles,
// a dark and a bright one, and an envelope moves between them. After the beginning everything repeats after exactly
// `loop` samples (detunings, vibrato and breath included), so a held note is a short recording that loops without a seam.
import { at_phase, cycle, fade_edges, filter, noise } from "./dsp";
import { packed, type Sound } from "./sound";
import { hertz } from "./struck";

export interface Held {
  dark: (k: number, hz: number) => number; // amplitude of partial k at k·hz
  bright: (k: number, hz: number) => number;
  voices?: number[]; // detuning of each oscillator in cents; [0] when left out
  attack_s: number;
  opening?: { from: number; to: number; s: number }; // brightness: from → to, time to 1/e
  sustain?: number; // level that remains after the attack, 1 when left out
  decay_s?: number; // time to 1/e down to it
  vibrato?: { cents: number; hz: number; delay_s: number };
  breath?: { level: number; low_hz: number; high_hz: number };
  release_s: number;
  level_db?: number;
}

const LOOP_S = 1.5, MOST_PARTIALS = 40, HIGHEST = 0.42; // HIGHEST: of the sample rate

export function held(recipe: Held, pitch: number, sample_rate: number): Sound {
  const n_cycles = Math.max(1, Math.round(hertz(pitch) * LOOP_S));
  const loop = Math.round((n_cycles * sample_rate) / hertz(pitch));
  const hz = (n_cycles * sample_rate) / loop;
  const settle = Math.round(settle_s(recipe) * sample_rate);
  const out = new Float32Array(settle + loop);
  oscillate(out, recipe, hz, loop, sample_rate);
  if (recipe.breath) breathe(out, recipe.breath, loop, pitch, sample_rate);
  shape(out, recipe, sample_rate);
  return packed(out, sample_rate, recipe.level_db ?? 0, { loop_start: settle, loop_end: settle + loop, release_s: recipe.release_s, choke: 0 });
}

/** How long until nothing changes any more (time constants are waited for eight times: −70 dB). */
function settle_s(recipe: Held): number {
  const vibrato_s = recipe.vibrato ? recipe.vibrato.delay_s * 2 : 0;
  return Math.max(0.05, recipe.attack_s, vibrato_s, (recipe.opening?.s ?? 0) * 8, (recipe.decay_s ?? 0) * 8);
}

function oscillate(out: Float32Array, recipe: Held, hz: number, loop: number, sample_rate: number): void {
  const n = Math.max(1, Math.min(MOST_PARTIALS, Math.floor((HIGHEST * sample_rate) / hz)));
  const table = (level: Held["dark"]) => cycle(Array.from({ length: n }, (_, k) => level(k + 1, hz)));
  const dark = table(recipe.dark), bright = table(recipe.bright);
  const opening = recipe.opening ?? { from: 0, to: 0, s: 1 };
  const closing = Math.exp(-1 / (opening.s * sample_rate));
  const turns = recipe.vibrato ? Math.max(1, Math.round((recipe.vibrato.hz * loop) / sample_rate)) / loop : 0;
  const depth = recipe.vibrato ? 2 ** (recipe.vibrato.cents / 1200) - 1 : 0;
  const delay = Math.max(1, (recipe.vibrato?.delay_s ?? 0) * sample_rate);
  const bend = (depth * hz) / sample_rate / (2 * Math.PI * turns || 1); // vibrato as a phase, which repeats exactly
  const voices = recipe.voices ?? [0];
  const settle = out.length - loop;
  const apart = voices.map((cents) => Math.round(((2 ** (cents / 1200) - 1) * hz * loop) / sample_rate) / loop); // cycles per sample, whole in a loop
  voices.forEach((_, v) => {
    const step = hz / sample_rate + apart[v]!, start = (v * 0.381966) % 1, lag = v * 0.27;
    let more = opening.from - opening.to;
    for (let i = 0; i < out.length; i++) {
      const t = i - settle; // zero at the loop's start, so that both ends of the loop have the same phases
      const grown = depth ? Math.min(1, Math.max(0, i / delay - 1)) : 0;
      const phase = start + step * t + (grown ? bend * grown * Math.sin(2 * Math.PI * (turns * t + lag)) : 0);
      const open = opening.to + more;
      more *= closing;
      const low = at_phase(dark, phase);
      out[i]! += open > 0.001 ? low + open * (at_phase(bright, phase) - low) : low;
    }
  });
}

function breathe(out: Float32Array, breath: NonNullable<Held["breath"]>, loop: number, seed: number, sample_rate: number): void {
  const once = noise(loop, seed), twice = new Float32Array(2 * loop);
  twice.set(once);
  twice.set(once, loop);
  filter(filter(twice, "high", breath.low_hz, 0.7, sample_rate), "low", breath.high_hz, 0.7, sample_rate);
  const settle = out.length - loop;
  for (let i = 0; i < out.length; i++) out[i]! += breath.level * twice[loop + ((((i - settle) % loop) + loop) % loop)]!;
}

function shape(out: Float32Array, recipe: Held, sample_rate: number): void {
  const sustain = recipe.sustain ?? 1, fall = Math.exp(-1 / ((recipe.decay_s ?? 1) * sample_rate));
  let more = 1 - sustain;
  if (more > 0) for (let i = 0; i < out.length; i++) {
    out[i]! *= sustain + more;
    more *= fall;
  }
  const attack = out.subarray(0, Math.round(recipe.attack_s * sample_rate));
  fade_edges(attack, recipe.attack_s, 0, sample_rate);
}
