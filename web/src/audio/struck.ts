// Notes that are struck or plucked and die away: strings, bars, tines. Each partial is a mode with its own decay, high ones
// shorter, as in the real thing; the level of partial k follows where the string is plucked and how hard the hammer is.
import { add_burst, add_modes, fade_edges, type Mode } from "./dsp";
import { packed, type Sound } from "./sound";

export interface Struck {
  level: (k: number, hz: number) => number; // of partial k = 1, 2, …
  ratios?: number[]; // inharmonic bars instead of a string
  stiffness?: number; // partial k lies at k·√(1 + stiffness·k²)
  decay_s: number; // of the first partial at middle C, to 1/e
  damping: number; // how much faster high partials die: decay / (1 + damping·(k − 1))
  shorter?: number; // how many times shorter two octaves higher (2 when left out)
  strings?: number; // cents between two strings of one note: beats and a slow second decay
  knock?: { low_hz: number; high_hz: number; decay_s: number; level: number };
  extra?: (hz: number) => Mode[];
  drive?: number;
  attack_s?: number;
  release_s: number;
  level_db?: number;
}

const MIDDLE_C_HZ = 261.63, LONGEST_S = 4, MOST_PARTIALS = 24, BEATING_PARTIALS = 7;

export const hertz = (pitch: number): number => 440 * 2 ** ((pitch - 69) / 12);

export function struck(recipe: Struck, pitch: number, sample_rate: number): Sound {
  const hz = hertz(pitch);
  const decay_s = recipe.decay_s * (recipe.shorter ?? 2) ** (Math.log2(MIDDLE_C_HZ / hz) / 2);
  const length_s = Math.min(LONGEST_S, decay_s * 5 + 0.05);
  const out = new Float32Array(Math.round(length_s * sample_rate));
  add_modes(out, partials(recipe, hz, decay_s), sample_rate);
  if (recipe.extra) add_modes(out, recipe.extra(hz), sample_rate);
  if (recipe.knock) add_burst(out, { ...recipe.knock, seed: 1000 + pitch }, sample_rate);
  if (recipe.drive) overdrive(out, recipe.drive);
  fade_edges(out, recipe.attack_s ?? 0.0015, Math.min(0.3, length_s / 4), sample_rate);
  return packed(out, sample_rate, recipe.level_db ?? 0, { loop_start: 0, loop_end: 0, release_s: recipe.release_s, choke: 0 });
}

function partials(recipe: Struck, hz: number, decay_s: number): Mode[] {
  const modes: Mode[] = [];
  const n = recipe.ratios?.length ?? MOST_PARTIALS;
  const stiffness = (recipe.stiffness ?? 0) * Math.max(1, (hz / MIDDLE_C_HZ) ** 1.2);
  for (let k = 1; k <= n; k++) {
    const at = hz * (recipe.ratios?.[k - 1] ?? k * Math.sqrt((1 + stiffness * k * k) / (1 + stiffness)));
    const level = recipe.level(k, hz), dying = decay_s / (1 + recipe.damping * (k - 1));
    if (!recipe.strings || k > BEATING_PARTIALS) modes.push({ hz: at, level, decay_s: dying });
    else {
      const apart = 2 ** (recipe.strings / 2400);
      modes.push({ hz: at * apart, level: level * 0.7, decay_s: dying * 0.55 }, { hz: at / apart, level: level * 0.45, decay_s: dying * 1.5 });
    }
  }
  return modes;
}

function overdrive(x: Float32Array, amount: number): void {
  let peak = 1e-9;
  for (let i = 0; i < x.length; i++) peak = Math.max(peak, Math.abs(x[i]!));
  for (let i = 0; i < x.length; i++) x[i] = Math.tanh((amount * x[i]!) / peak);
}
