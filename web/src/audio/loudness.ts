// Loudness by ITU-R BS.1770-4 (K-weighting, blocks of 400 ms every 100 ms, absolute and relative gate), as in the Python side's
// whitelight.audio.loudness. Choices are matched by it, and every note of every voice is brought to one level by it.
import { biquad } from "./dsp";

type Coefficients = [number, number, number, number, number];

function shelf(sample_rate: number): Coefficients {
  const k = Math.tan((Math.PI * 1681.974450955533) / sample_rate), q = 0.7071752369554196;
  const vh = 10 ** (3.999843853973347 / 20), vb = vh ** 0.4996667741545416, a0 = 1 + k / q + k * k;
  return [(vh + (vb * k) / q + k * k) / a0, (2 * (k * k - vh)) / a0, (vh - (vb * k) / q + k * k) / a0, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
}

function high_pass(sample_rate: number): Coefficients {
  const k = Math.tan((Math.PI * 38.13547087602444) / sample_rate), q = 0.5003270373238773, a0 = 1 + k / q + k * k;
  return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
}

/** K-weight in place. */
export function k_weighted(x: Float32Array, sample_rate: number): Float32Array {
  return biquad(biquad(x, shelf(sample_rate)), high_pass(sample_rate));
}

/** Sum of squares of every whole step. */
function step_energies(x: Float32Array, step: number): number[] {
  const energies: number[] = [];
  for (let start = 0; start + step <= x.length; start += step) {
    let sum = 0;
    for (let i = start; i < start + step; i++) sum += x[i]! * x[i]!;
    energies.push(sum);
  }
  return energies;
}

const lufs = (mean_square: number) => -0.691 + 10 * Math.log10(Math.max(mean_square, 1e-30));

/** Integrated loudness in LUFS of a stereo signal (which is weighted in place); null: silence or under 0.4 s. */
export function loudness_lufs(left: Float32Array, right: Float32Array, sample_rate: number): number | null {
  const step = Math.round(0.1 * sample_rate);
  const one = step_energies(k_weighted(left, sample_rate), step), two = step_energies(k_weighted(right, sample_rate), step);
  const blocks: number[] = [];
  for (let k = 0; k + 4 <= one.length; k++) {
    let sum = 0;
    for (let j = k; j < k + 4; j++) sum += one[j]! + two[j]!;
    blocks.push(sum / (4 * step));
  }
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const loud = blocks.filter((block) => lufs(block) > -70);
  if (!loud.length) return null;
  const gate = lufs(mean(loud)) - 10;
  return lufs(mean(loud.filter((block) => lufs(block) > gate)));
}

/** Greatest K-weighted RMS over any `window_s`, of one channel; the signal is left as it is. */
export function loudest_rms(x: Float32Array, window_s: number, sample_rate: number): number {
  const quarter = Math.max(1, Math.round((window_s * sample_rate) / 4));
  const steps = step_energies(k_weighted(x.slice(), sample_rate), quarter);
  let best = 0;
  for (let k = 0; k < steps.length; k++) {
    let sum = 0;
    for (let j = k; j < Math.min(k + 4, steps.length); j++) sum += steps[j]!;
    best = Math.max(best, sum);
  }
  return Math.sqrt(best / (4 * quarter));
}
