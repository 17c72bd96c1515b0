// The drum kit: each drum of the General MIDI map from falling tones, ringing modes and bands of noise.
// Cymbals are dense clouds of inharmonic modes (no pitch is heard in them) with noise for the stick and the wash; membranes
// have the modes of a circular skin (1, 1.59, 2.14, 2.30, 2.65) and fall a little in pitch; wires and shakers are noise.
import { add_burst, add_fall, add_modes, fade_edges, noise_source, type Mode } from "./dsp";
import { packed, type Sound } from "./sound";

interface Drum { length_s: number; level_db: number; choke?: number; make(out: Float32Array, sample_rate: number): void } // level_db: beside the kick

/** Modes scattered between two frequencies, low ones longer: a plate that has been struck. */
function plate(n: number, low_hz: number, high_hz: number, decay_s: number, seed: number, tilt = 0): Mode[] {
  const next = noise_source(seed);
  return Array.from({ length: n }, (_, k) => {
    const place = (k + 0.5 + 0.45 * next()) / n;
    const hz = low_hz * (high_hz / low_hz) ** place;
    return { hz, level: ((0.5 + 0.5 * Math.abs(next())) * (hz / low_hz) ** tilt) / Math.sqrt(n), decay_s: decay_s * (1.25 - 0.75 * place) * (0.8 + 0.3 * next()), phase: Math.PI * next() };
  });
}

const SKIN = [1.59, 2.14, 2.3, 2.65, 2.92];
const skin = (hz: number, level: number, decay_s: number): Mode[] =>
  SKIN.map((ratio, k) => ({ hz: hz * ratio, level: level / (k + 1.5), decay_s: decay_s / (1 + 0.6 * k) }));

function drive(x: Float32Array, amount: number): void {
  for (let i = 0; i < x.length; i++) x[i] = Math.tanh(amount * x[i]!) / Math.tanh(amount);
}

const KICK: Drum = {
  length_s: 0.55, level_db: 1.5,
  make(out, sr) {
    add_fall(out, { from_hz: 62, to_hz: 49, fall_s: 0.06, decay_s: 0.085, level: 0.75 }, sr); // the shell
    add_fall(out, { from_hz: 330, to_hz: 62, fall_s: 0.016, decay_s: 0.03, level: 1.3 }, sr); // the skin as it is hit
    add_burst(out, { low_hz: 1500, high_hz: 5200, decay_s: 0.007, level: 2.2, seed: 36 }, sr); // the beater
    add_modes(out, [{ hz: 3100, level: 0.2, decay_s: 0.005 }], sr);
    drive(out, 1.4);
  },
};

const snare = (tune: number, seed: number): Drum => ({
  length_s: 0.55, level_db: 0,
  make(out, sr) {
    add_fall(out, { from_hz: 240 * tune, to_hz: 186 * tune, fall_s: 0.012, decay_s: 0.06, level: 0.42 }, sr);
    add_modes(out, skin(186 * tune, 0.24, 0.045), sr);
    add_modes(out, [{ hz: 331 * tune, level: 0.2, decay_s: 0.04 }], sr);
    add_burst(out, { low_hz: 1500, high_hz: 9500, attack_s: 0.0015, decay_s: 0.085, level: 0.95, seed }, sr); // the wires
    add_burst(out, { low_hz: 400, high_hz: 4000, decay_s: 0.03, level: 0.5, seed: seed + 1 }, sr);
    add_burst(out, { low_hz: 3500, high_hz: 14000, decay_s: 0.006, level: 1.4, seed: seed + 2 }, sr); // the stick
    drive(out, 1.2);
  },
});

const hat = (decay_s: number, level_db: number, seed: number, opened = 0): Drum => ({
  length_s: Math.min(1.6, decay_s * 9 + 0.03), level_db, choke: 1,
  make(out, sr) {
    add_modes(out, plate(70, 3200, 15500, decay_s, seed, 0.35), sr);
    add_burst(out, { low_hz: 6800, high_hz: 15500, decay_s: decay_s * (0.75 + 0.3 * opened), level: 0.55, seed }, sr);
    add_burst(out, { low_hz: 3000, high_hz: 15000, decay_s: 0.0035, level: 0.55, seed: seed + 1 }, sr); // the stick
  },
});

const cymbal = (low_hz: number, decay_s: number, level_db: number, seed: number, wash: number): Drum => ({
  length_s: Math.min(3.4, decay_s * 3.6), level_db,
  make(out, sr) {
    add_modes(out, plate(110, low_hz, 15000, decay_s, seed, 0.4), sr);
    add_burst(out, { low_hz: 2600, high_hz: 14000, attack_s: 0.004, decay_s: decay_s * 0.45, level: 0.9 * wash, seed }, sr);
    add_burst(out, { low_hz: 1500, high_hz: 12000, decay_s: 0.02, level: 1.6 * wash, seed: seed + 1 }, sr);
  },
});

const ride = (bell: boolean, seed: number): Drum => ({
  length_s: 2.2, level_db: bell ? -6 : -8,
  make(out, sr) {
    const ping = bell ? [820, 1490, 2230, 3170, 4480] : [2950, 3870, 4720, 5890, 7400];
    add_modes(out, ping.map((hz, k) => ({ hz, level: (bell ? 0.4 : 0.42) / (1 + 0.2 * k), decay_s: bell ? 0.5 : 0.28, phase: k })), sr);
    add_modes(out, plate(70, 700, 14000, 0.6, seed, 0.4).map((m) => ({ ...m, level: 0.55 * m.level })), sr);
    add_burst(out, { low_hz: 4500, high_hz: 14000, decay_s: 0.012, level: 2.2, seed }, sr);
  },
});

const tom = (hz: number): Drum => ({
  length_s: 0.9, level_db: 0,
  make(out, sr) {
    add_fall(out, { from_hz: hz * 1.55, to_hz: hz, fall_s: 0.035, decay_s: 0.15, level: 0.8 }, sr);
    add_modes(out, skin(hz, 0.45, 0.09), sr);
    add_burst(out, { low_hz: 500, high_hz: 4500, decay_s: 0.012, level: 1.2, seed: Math.round(hz) }, sr);
    drive(out, 1.2);
  },
});

const hand = (hz: number, decay_s: number, slap: number): Drum => ({
  length_s: 0.6, level_db: -4,
  make(out, sr) {
    add_fall(out, { from_hz: hz * 1.18, to_hz: hz, fall_s: 0.012, decay_s, level: 0.7 }, sr);
    add_modes(out, skin(hz, 0.2, decay_s * 0.5), sr);
    add_burst(out, { low_hz: 900, high_hz: 6000, decay_s: 0.008, level: slap, seed: Math.round(hz) }, sr);
  },
});

/** Bars, blocks, bells: a few modes and a tick. */
const struck = (modes: [number, number, number][], level_db: number, tick: number): Drum => ({
  length_s: Math.min(3, Math.max(0.12, ...modes.map(([, , decay_s]) => decay_s * 8))), level_db,
  make(out, sr) {
    add_modes(out, modes.map(([hz, level, decay_s]) => ({ hz, level, decay_s })), sr);
    if (tick) add_burst(out, { low_hz: 1800, high_hz: 9000, decay_s: 0.004, level: tick, seed: 37 }, sr);
  },
});

const shaken = (decay_s: number, low_hz: number, level_db: number, seed: number): Drum => ({
  length_s: decay_s * 9 + 0.04, level_db,
  make(out, sr) {
    add_burst(out, { low_hz, high_hz: 13000, attack_s: 0.012, decay_s, level: 0.7, seed }, sr);
    add_burst(out, { low_hz: low_hz * 0.8, high_hz: 9000, attack_s: 0.004, decay_s: decay_s / 2, level: 0.3, seed: seed + 1 }, sr);
  },
});

const CLAP: Drum = {
  length_s: 0.5, level_db: -1.5,
  make(out, sr) {
    add_burst(out, { low_hz: 750, high_hz: 2600, decay_s: 0.007, level: 1, seed: 39, again_s: [0.0095, 0.0195, 0.0285] }, sr);
    add_burst(out, { low_hz: 800, high_hz: 7000, attack_s: 0.028, decay_s: 0.07, level: 0.35, seed: 40 }, sr); // the room answers
  },
};

const TAMBOURINE: Drum = {
  length_s: 0.5, level_db: -9,
  make(out, sr) {
    for (const [k, start_s] of [0, 0.011, 0.024, 0.041].entries())
      add_modes(out, plate(26, 5200, 15000, 0.055, 54 + k, 0.2).map((m) => ({ ...m, level: m.level * 0.8 ** k })), sr, Math.round(start_s * sr));
    add_burst(out, { low_hz: 6500, high_hz: 15000, decay_s: 0.03, level: 0.35, seed: 54 }, sr);
  },
};

const RIM = struck([[480, 0.25, 0.012], [1720, 0.6, 0.014], [2460, 0.35, 0.01], [3900, 0.2, 0.006]], -4, 0.5);
const CRASH = cymbal(420, 1.0, -3, 49, 1);

const KIT: Record<number, Drum> = {
  35: KICK, 36: KICK, 37: RIM, 38: snare(1, 38), 39: CLAP, 40: snare(1.12, 40),
  41: tom(74), 43: tom(88), 45: tom(108), 47: tom(132), 48: tom(160), 50: tom(192),
  42: hat(0.03, -8, 42), 44: hat(0.02, -11, 44), 46: hat(0.2, -6, 46, 1),
  49: CRASH, 57: cymbal(390, 0.85, -3, 57, 1), 52: cymbal(250, 0.55, -3, 52, 1.3), 55: cymbal(600, 0.32, -4, 55, 1),
  51: ride(false, 51), 59: ride(false, 59), 53: ride(true, 53), 54: TAMBOURINE,
  56: struck([[545, 0.5, 0.09], [817, 0.55, 0.08], [1630, 0.2, 0.05], [2480, 0.14, 0.04]], -5, 0.25),
  60: hand(330, 0.06, 0.25), 61: hand(240, 0.08, 0.2), 62: hand(330, 0.025, 0.6), 63: hand(310, 0.11, 0.25), 64: hand(205, 0.14, 0.2),
  65: hand(420, 0.15, 0.4), 66: hand(310, 0.16, 0.4),
  67: struck([[1370, 0.5, 0.13], [2770, 0.3, 0.09]], -6, 0.2), 68: struck([[920, 0.5, 0.14], [1880, 0.3, 0.09]], -6, 0.2),
  69: shaken(0.03, 4500, -10, 69), 70: shaken(0.022, 5500, -11, 70), 82: shaken(0.04, 5000, -10, 82),
  73: shaken(0.03, 2500, -8, 73), 74: shaken(0.11, 2500, -8, 74),
  75: struck([[2500, 0.6, 0.025], [5100, 0.2, 0.012]], -5, 0.3), 76: struck([[1150, 0.5, 0.028], [2650, 0.25, 0.015]], -5, 0.3),
  77: struck([[820, 0.5, 0.03], [1950, 0.25, 0.016]], -5, 0.3), 58: struck([[1900, 0.3, 0.2], [2050, 0.3, 0.2]], -8, 0.6),
  78: hand(520, 0.05, 0.1), 79: hand(360, 0.1, 0.1),
  80: struck([[4850, 0.3, 0.04], [7100, 0.2, 0.03], [9300, 0.2, 0.03]], -10, 0.2),
  81: struck([[4850, 0.3, 0.6], [7100, 0.2, 0.5], [9300, 0.2, 0.4], [12100, 0.1, 0.3]], -10, 0.2),
};

/** One stroke at full velocity, until it has died away; a drum the map does not know is a rim. */
export function strike(pitch: number, sample_rate: number): Sound {
  const drum = KIT[pitch] ?? RIM;
  const out = new Float32Array(Math.round(drum.length_s * sample_rate));
  drum.make(out, sample_rate);
  fade_edges(out, 0.0003, drum.length_s * 0.15, sample_rate);
  return packed(out, sample_rate, drum.level_db, { loop_start: 0, loop_end: 0, release_s: 0, choke: drum.choke ?? 0 });
}
