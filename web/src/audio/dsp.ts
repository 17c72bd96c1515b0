// The few pieces every voice is made of. All of it is plain arithmetic on arrays, so the same notes give the same samples
// in the page, in a worker and in a test. Frequencies are Hz, times seconds, `sample_rate` Hz.

/** Uniform noise in [-1, 1) that is the same for the same seed (mulberry32). */
export function noise_source(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
}

export function noise(n: number, seed: number): Float32Array {
  const next = noise_source(seed);
  const out = new Float32Array(n);
  for (let i = 0; i < n; i++) out[i] = next();
  return out;
}

export interface Mode { hz: number; level: number; decay_s: number; phase?: number } // decay_s: to 1/e

const SILENT = 1e-4; // −80 dB beside a mode of level 1: no longer worth computing

const lasts_s = (level: number, decay_s: number) => decay_s * Math.log(Math.max(1, Math.abs(level) / SILENT));

/** Add modes that ring and die away: strings, bars, membranes, metal. Each is a resonator of two multiplications. */
export function add_modes(out: Float32Array, modes: Iterable<Mode>, sample_rate: number, from = 0): void {
  for (const { hz, level, decay_s, phase = 0 } of modes) {
    if (hz <= 0 || hz > 0.46 * sample_rate || level === 0) continue;
    const w = (2 * Math.PI * hz) / sample_rate;
    const r = Math.exp(-1 / (decay_s * sample_rate));
    const a1 = 2 * r * Math.cos(w), a2 = r * r;
    let before = level * Math.sin(phase), now = level * r * Math.sin(w + phase);
    const end = Math.min(out.length, from + Math.ceil(lasts_s(level, decay_s) * sample_rate));
    for (let i = from; i < end; i++) {
      out[i]! += before;
      const next = a1 * now - a2 * before;
      before = now;
      now = next;
    }
  }
}

/** Add a sine that falls from one frequency to another while it dies away. */
export function add_fall(out: Float32Array, tone: { from_hz: number; to_hz: number; fall_s: number; decay_s: number; level: number }, sample_rate: number): void {
  const fall = Math.exp(-1 / (tone.fall_s * sample_rate)), die = Math.exp(-1 / (tone.decay_s * sample_rate));
  let extra = tone.from_hz - tone.to_hz, level = tone.level, phase = 0;
  const end = Math.min(out.length, Math.ceil(lasts_s(level, tone.decay_s) * sample_rate));
  for (let i = 0; i < end; i++) {
    out[i]! += level * Math.sin(phase);
    phase += (2 * Math.PI * (tone.to_hz + extra)) / sample_rate;
    extra *= fall;
    level *= die;
  }
}

export type FilterKind = "low" | "high" | "band";

/** Second-order filter in place (RBJ cookbook); `band` has unit gain at its middle. */
export function filter(x: Float32Array, kind: FilterKind, hz: number, q: number, sample_rate: number): Float32Array {
  const w = (2 * Math.PI * Math.min(hz, 0.47 * sample_rate)) / sample_rate;
  const alpha = Math.sin(w) / (2 * q), cos = Math.cos(w), a0 = 1 + alpha;
  const numerator: Record<FilterKind, [number, number, number]> = {
    low: [(1 - cos) / 2, 1 - cos, (1 - cos) / 2],
    high: [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2],
    band: [alpha, 0, -alpha],
  };
  const [b0, b1, b2] = numerator[kind];
  return biquad(x, [b0 / a0, b1 / a0, b2 / a0, (-2 * cos) / a0, (1 - alpha) / a0]);
}

/** Apply b0 b1 b2 a1 a2 in place, direct form II transposed. */
export function biquad(x: Float32Array, [b0, b1, b2, a1, a2]: readonly [number, number, number, number, number]): Float32Array {
  let z1 = 0, z2 = 0;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    const y = b0 * value + z1;
    z1 = b1 * value - a1 * y + z2;
    z2 = b2 * value - a2 * y;
    x[i] = y;
  }
  return x;
}

/** Add a band of noise that dies away, begun anew at each of `again_s`. */
export function add_burst(out: Float32Array, burst: { low_hz: number; high_hz: number; attack_s?: number; decay_s: number; level: number; seed: number; again_s?: number[] }, sample_rate: number): void {
  const last_s = Math.max(0, ...(burst.again_s ?? [])) + (burst.attack_s ?? 0) + lasts_s(burst.level, burst.decay_s);
  const band = noise(Math.min(out.length, Math.ceil(last_s * sample_rate)), burst.seed);
  filter(filter(band, "high", burst.low_hz, 0.7, sample_rate), "high", burst.low_hz, 0.7, sample_rate);
  filter(filter(band, "low", burst.high_hz, 0.7, sample_rate), "low", burst.high_hz, 0.7, sample_rate);
  const starts = [0, ...(burst.again_s ?? [])].map((s) => Math.round(s * sample_rate));
  const attack = Math.max(1, Math.round((burst.attack_s ?? 0.0004) * sample_rate));
  const die = Math.exp(-1 / (burst.decay_s * sample_rate));
  starts.forEach((start, k) => {
    const end = Math.min(band.length, starts[k + 1] ?? band.length);
    let level = burst.level;
    for (let i = start; i < end && level > 1e-5; i++) {
      const age = i - start;
      out[i]! += band[i]! * (age < attack ? (burst.level * age) / attack : (level *= die));
    }
  });
}

/** Raise from silence over `attack_s` and fade to silence over the last `release_s`, in place: no edge clicks. */
export function fade_edges(x: Float32Array, attack_s: number, release_s: number, sample_rate: number): Float32Array {
  const rise = Math.min(x.length, Math.max(1, Math.round(attack_s * sample_rate)));
  const fall = Math.min(x.length, Math.max(1, Math.round(release_s * sample_rate)));
  for (let i = 0; i < rise; i++) x[i]! *= 0.5 - 0.5 * Math.cos((Math.PI * i) / rise);
  for (let i = 0; i < fall; i++) x[x.length - 1 - i]! *= 0.5 - 0.5 * Math.cos((Math.PI * i) / fall);
  return x;
}

const TABLE = 4096;
const SINE = Float64Array.from({ length: TABLE }, (_, i) => Math.sin((2 * Math.PI * i) / TABLE));

/** One cycle (with one sample more, for interpolation) of partials with the given amplitudes; `amplitudes[0]` is the first partial. */
export function cycle(amplitudes: readonly number[]): Float32Array {
  const out = new Float32Array(TABLE + 1);
  amplitudes.forEach((amplitude, index) => {
    if (Math.abs(amplitude) < 1e-5) return;
    const k = index + 1, shift = (Math.PI * k * index) / amplitudes.length; // Schroeder's phases: low peaks
    const offset = Math.round((shift / (2 * Math.PI)) * TABLE);
    for (let i = 0; i <= TABLE; i++) out[i]! += amplitude * SINE[(k * i + offset) & (TABLE - 1)]!;
  });
  return out;
}

/** Read a cycle at a phase in cycles (0 to 1, or beyond). */
export function at_phase(table: Float32Array, phase: number): number {
  const place = (phase - Math.floor(phase)) * TABLE;
  const i = place | 0;
  return table[i]! + (table[i + 1]! - table[i]!) * (place - i);
}
