// One gentle room for everybody: eight delay lines that feed each other (a feedback delay network with a Hadamard matrix),
// damped at each turn as walls do. Mono in, stereo out.
const DELAYS_S = [0.0297, 0.0371, 0.0411, 0.0437, 0.0503, 0.0571, 0.0617, 0.0683]; // no common divisor, so no ringing pitch
const DECAY_S = 1.05; // to −60 dB
const DAMPING = 0.32, PREDELAY_S = 0.012;
const SIZE = 8192, MASK = SIZE - 1;

export class Reverb {
  private readonly lines = DELAYS_S.map(() => new Float32Array(SIZE));
  private readonly entry = new Float32Array(SIZE);
  private readonly delays: number[];
  private readonly gains: number[];
  private readonly dull = new Float64Array(8);
  private readonly turn = new Float64Array(8);
  private readonly predelay: number;
  private at = 0;

  constructor(sample_rate: number) {
    this.delays = DELAYS_S.map((s) => Math.min(SIZE - 1, Math.round(s * sample_rate)));
    this.gains = DELAYS_S.map((s) => 10 ** ((-3 * s) / DECAY_S) / Math.sqrt(8));
    this.predelay = Math.min(SIZE - 1, Math.round(PREDELAY_S * sample_rate));
  }

  /** Add the room's answer to `input` to both sides. */
  process(input: Float32Array, left: Float32Array, right: Float32Array, n: number): void {
    const { lines, entry, delays, gains, dull, turn, predelay } = this;
    for (let i = 0; i < n; i++) {
      const at = this.at;
      entry[at & MASK] = input[i]! + 1e-20; // never a denormal number, which would be slow
      const come = entry[(at - predelay) & MASK]! * 0.35;
      for (let k = 0; k < 8; k++) {
        const heard = lines[k]![(at - delays[k]!) & MASK]!;
        turn[k] = dull[k] = heard + DAMPING * (dull[k]! - heard);
      }
      left[i]! += turn[0]! + turn[2]! - turn[4]! + turn[6]!;
      right[i]! += turn[1]! - turn[3]! + turn[5]! + turn[7]!;
      hadamard(turn);
      for (let k = 0; k < 8; k++) lines[k]![at & MASK] = come + turn[k]! * gains[k]!;
      this.at = (at + 1) & MASK;
    }
  }
}

/** Multiply by the Hadamard matrix of order 8, in place. */
function hadamard(x: Float64Array): void {
  for (let half = 1; half < 8; half *= 2)
    for (let start = 0; start < 8; start += 2 * half)
      for (let k = start; k < start + half; k++) {
        const a = x[k]!, b = x[k + half]!;
        x[k] = a + b;
        x[k + half] = a - b;
      }
}
