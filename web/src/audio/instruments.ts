// Which recipe plays which General MIDI program (0–127). A family shares a recipe where its members sound alike; nothing
// imitates an instrument closely, but a piano decays and beats, a guitar is plucked near its bridge, voices have formants.
import { strike } from "./drums";
import { held, type Held } from "./held";
import { DRUMS, type Sound } from "./sound";
import { struck, type Struck } from "./struck";

type Recipe = { struck: Struck } | { held: Held };

/** Partials falling as a power of their number, duller above `knee_hz`. */
const falling = (power: number, knee_hz = 1e9, even = 1) => (k: number, hz: number) =>
  (k ** -power * (k % 2 ? 1 : even)) / (1 + ((k * hz) / knee_hz) ** 2);

/** A string plucked at a share of its length: partials with a node there are missing. */
const plucked = (place: number, power: number, knee_hz: number) => (k: number, hz: number) =>
  (Math.abs(Math.sin(Math.PI * k * place)) * k ** -power) / (1 + ((k * hz) / knee_hz) ** 2);

/** Resonances of a body or a throat: [hz, width_hz, level]. */
const shaped = (peaks: [number, number, number][], power: number, floor: number) => (k: number, hz: number) =>
  k ** -power * (floor + peaks.reduce((sum, [at, width, level]) => sum + level / (1 + ((k * hz - at) / width) ** 2), 0));

const listed = (levels: number[]) => (k: number) => levels[k - 1] ?? 0;

const PIANO: Struck = { level: plucked(0.12, 0.75, 2400), stiffness: 0.00035, decay_s: 1.5, damping: 0.22, strings: 1.6, release_s: 0.09, knock: { low_hz: 90, high_hz: 900, decay_s: 0.018, level: 0.18 } };
const ELECTRIC_PIANO: Struck = { level: listed([1, 0.28, 0.1, 0.05, 0.02]), decay_s: 1.4, damping: 0.5, strings: 1, release_s: 0.1, extra: (hz) => [{ hz: hz * 6.27, level: 0.16, decay_s: 0.09 }, { hz: hz * 14.1, level: 0.05, decay_s: 0.035 }] };
const HARPSICHORD: Struck = { level: plucked(0.09, 0.35, 6000), decay_s: 0.9, damping: 0.06, strings: 0.6, release_s: 0.05 };
const BARS: Struck = { level: listed([1, 0.35, 0.16]), ratios: [1, 2.76, 5.4], decay_s: 1.3, damping: 0.9, release_s: 0.5, knock: { low_hz: 2000, high_hz: 8000, decay_s: 0.004, level: 0.12 } };
const MARIMBA: Struck = { level: listed([1, 0.3, 0.1]), ratios: [1, 3.98, 9.2], decay_s: 0.4, damping: 1.4, release_s: 0.25, knock: { low_hz: 300, high_hz: 2500, decay_s: 0.006, level: 0.25 } };
const NYLON: Struck = { level: plucked(0.28, 1.1, 2200), decay_s: 0.8, damping: 0.3, release_s: 0.06, knock: { low_hz: 150, high_hz: 1800, decay_s: 0.01, level: 0.2 } };
const STEEL: Struck = { level: plucked(0.17, 0.7, 3600), decay_s: 1.0, damping: 0.16, strings: 1.1, release_s: 0.06, knock: { low_hz: 700, high_hz: 6000, decay_s: 0.005, level: 0.22 } };
const ELECTRIC: Struck = { level: plucked(0.22, 0.85, 2600), decay_s: 1.3, damping: 0.2, release_s: 0.06, strings: 0.8 };
const MUTED: Struck = { ...ELECTRIC, decay_s: 0.12, damping: 0.35, release_s: 0.03, knock: { low_hz: 200, high_hz: 2500, decay_s: 0.008, level: 0.3 } };
const UPRIGHT: Struck = { level: plucked(0.3, 0.95, 900), decay_s: 0.42, damping: 0.3, shorter: 1.6, release_s: 0.06, knock: { low_hz: 120, high_hz: 1200, decay_s: 0.012, level: 0.28 } };
const FINGERED: Struck = { level: plucked(0.24, 0.8, 1100), decay_s: 0.62, damping: 0.22, shorter: 1.6, release_s: 0.05, knock: { low_hz: 250, high_hz: 1600, decay_s: 0.008, level: 0.12 } };
const PICKED: Struck = { level: plucked(0.14, 0.62, 1900), decay_s: 0.6, damping: 0.14, shorter: 1.6, release_s: 0.045, knock: { low_hz: 900, high_hz: 5000, decay_s: 0.005, level: 0.2 } };
const SLAPPED: Struck = { level: plucked(0.1, 0.5, 3000), decay_s: 0.5, damping: 0.14, shorter: 1.6, release_s: 0.04, knock: { low_hz: 1500, high_hz: 7000, decay_s: 0.007, level: 0.45 } };
const PIZZICATO: Struck = { level: plucked(0.25, 1.0, 1800), decay_s: 0.17, damping: 0.3, release_s: 0.1, knock: { low_hz: 200, high_hz: 1500, decay_s: 0.01, level: 0.2 } };
const HARP: Struck = { level: plucked(0.35, 1.0, 2600), decay_s: 1.1, damping: 0.3, release_s: 0.4 };
const BELL: Struck = { level: listed([0.6, 1, 0.6, 0.5, 0.4, 0.3, 0.2]), ratios: [0.5, 1, 1.19, 1.5, 2, 2.62, 3.01], decay_s: 1.8, damping: 0.2, release_s: 0.8 };
const TIMPANI: Struck = { level: listed([1, 0.7, 0.4, 0.25]), ratios: [1, 1.5, 1.98, 2.44], decay_s: 0.7, damping: 0.4, release_s: 0.6, knock: { low_hz: 80, high_hz: 900, decay_s: 0.02, level: 0.3 } };
const BANJO: Struck = { level: plucked(0.1, 0.5, 4200), decay_s: 0.3, damping: 0.12, release_s: 0.05 };

const STRING_BODY: [number, number, number][] = [[290, 120, 0.8], [470, 160, 1], [1000, 350, 0.6], [2600, 900, 0.55]];
const BOWED: Held = { dark: shaped(STRING_BODY, 1.05, 0.35), bright: shaped(STRING_BODY, 0.7, 0.5), attack_s: 0.07, opening: { from: 0.7, to: 0.3, s: 0.06 }, vibrato: { cents: 13, hz: 5.4, delay_s: 0.28 }, breath: { level: 0.05, low_hz: 1800, high_hz: 6000 }, release_s: 0.075 };
const SECTION: Held = { ...BOWED, voices: [0, 9, -8, 4], attack_s: 0.12, vibrato: { cents: 8, hz: 5, delay_s: 0.25 }, release_s: 0.13 };
const AH: [number, number, number][] = [[650, 110, 1], [1080, 130, 0.5], [2650, 200, 0.22], [3300, 300, 0.14]];
const OO: [number, number, number][] = [[350, 90, 1], [800, 130, 0.3], [2500, 250, 0.06]];
const SUNG: Held = { dark: shaped(AH, 0.75, 0.06), bright: shaped(AH, 0.4, 0.08), attack_s: 0.035, opening: { from: 0, to: 0.35, s: 0.05 }, vibrato: { cents: 22, hz: 5.3, delay_s: 0.3 }, breath: { level: 0.03, low_hz: 2500, high_hz: 9000 }, release_s: 0.07 };
const CHOIR: Held = { ...SUNG, voices: [0, 8, -9, 4], attack_s: 0.14, vibrato: { cents: 10, hz: 5, delay_s: 0.25 }, release_s: 0.16 };
const OOHS: Held = { ...SUNG, dark: shaped(OO, 0.7, 0.1), bright: shaped(AH, 0.7, 0.1), opening: { from: 0.1, to: 0.22, s: 0.06 } };
const BRASS: Held = { dark: falling(1.6, 1500), bright: falling(0.7, 3400), attack_s: 0.035, opening: { from: 0.15, to: 0.55, s: 0.045 }, vibrato: { cents: 7, hz: 5.2, delay_s: 0.35 }, release_s: 0.06 };
const SAX: Held = { dark: shaped([[550, 250, 1], [1400, 400, 0.5]], 0.9, 0.25), bright: shaped([[700, 300, 1], [1700, 500, 0.8]], 0.5, 0.3), attack_s: 0.03, opening: { from: 0.8, to: 0.4, s: 0.05 }, vibrato: { cents: 12, hz: 5.2, delay_s: 0.3 }, breath: { level: 0.04, low_hz: 1500, high_hz: 7000 }, release_s: 0.055 };
const OBOE: Held = { ...SAX, dark: shaped([[1100, 300, 1], [2900, 500, 0.4]], 0.8, 0.25), breath: undefined, attack_s: 0.03 };
const CLARINET: Held = { dark: falling(1.2, 1800, 0.08), bright: falling(0.8, 2800, 0.2), attack_s: 0.04, opening: { from: 0.1, to: 0.35, s: 0.05 }, breath: { level: 0.02, low_hz: 1500, high_hz: 6000 }, release_s: 0.06 };
const FLUTE: Held = { dark: listed([1, 0.32, 0.1, 0.04]), bright: listed([1, 0.55, 0.28, 0.1, 0.05]), attack_s: 0.05, opening: { from: 0.7, to: 0.2, s: 0.06 }, vibrato: { cents: 10, hz: 5, delay_s: 0.25 }, breath: { level: 0.07, low_hz: 1200, high_hz: 7000 }, release_s: 0.07 };
const DRAWBARS: Held = { dark: listed([1, 0.75, 0.5, 0.35, 0, 0.16, 0, 0.25]), bright: listed([1, 0.8, 0.7, 0.5, 0.2, 0.3, 0, 0.4]), voices: [0, 3], attack_s: 0.006, opening: { from: 0.8, to: 0.2, s: 0.012 }, vibrato: { cents: 6, hz: 6.2, delay_s: 0.02 }, release_s: 0.025 };
const PIPES: Held = { dark: listed([1, 0.6, 0.35, 0.4, 0.12, 0.2, 0.08, 0.22]), bright: falling(0.9, 4000), voices: [0, 2, -2], attack_s: 0.05, opening: { from: 0.2, to: 0.08, s: 0.05 }, release_s: 0.16 };
const REEDS: Held = { dark: falling(0.9, 2600), bright: falling(0.5, 4200), voices: [0, 7], attack_s: 0.04, opening: { from: 0.1, to: 0.3, s: 0.05 }, release_s: 0.06 };
const CRUNCH: Held = { dark: falling(0.75, 2200), bright: falling(0.4, 3600), voices: [0, 4], attack_s: 0.004, opening: { from: 1, to: 0.3, s: 0.12 }, sustain: 0.6, decay_s: 0.2, release_s: 0.05 };
const SAW_BASS: Held = { dark: falling(1.7, 700), bright: falling(0.9, 2600), voices: [0, 5], attack_s: 0.004, opening: { from: 1, to: 0.12, s: 0.07 }, sustain: 0.75, decay_s: 0.12, release_s: 0.035 };
const SUB_BASS: Held = { dark: listed([1, 0.4, 0.22, 0.1, 0.05]), bright: falling(1.0, 1600, 0.5), attack_s: 0.005, opening: { from: 1, to: 0.15, s: 0.045 }, sustain: 0.8, decay_s: 0.1, release_s: 0.035 };
const FRETLESS: Held = { dark: falling(1.5, 800), bright: falling(1.0, 1300), attack_s: 0.02, opening: { from: 0.2, to: 0.6, s: 0.09 }, sustain: 0.5, decay_s: 0.16, vibrato: { cents: 7, hz: 4.8, delay_s: 0.3 }, release_s: 0.06 };
const LEAD: Held = { dark: falling(1.4, 2400), bright: falling(0.9, 5000), voices: [0, 6], attack_s: 0.008, opening: { from: 0.9, to: 0.35, s: 0.09 }, vibrato: { cents: 9, hz: 5.6, delay_s: 0.28 }, release_s: 0.06 };
const SQUARE: Held = { ...LEAD, dark: falling(1.2, 2400, 0.05), bright: falling(0.9, 5000, 0.1) };
const PAD: Held = { dark: falling(1.7, 1500), bright: falling(1.1, 3200), voices: [0, 7, -8], attack_s: 0.28, opening: { from: 0, to: 0.35, s: 0.1 }, release_s: 0.3 };
const SHINE: Held = { ...PAD, dark: listed([1, 0.2, 0.5, 0.1, 0.3, 0.05, 0.22, 0.04, 0.12]), bright: falling(0.9, 5000, 0.4), attack_s: 0.08, opening: { from: 0.9, to: 0.15, s: 0.12 } };
const AIR: Held = { ...PAD, dark: shaped(AH, 0.9, 0.2), bright: shaped(AH, 0.6, 0.2), breath: { level: 0.12, low_hz: 2500, high_hz: 9000 } };
const SWEEP: Held = { ...PAD, attack_s: 0.22, opening: { from: 0, to: 0.8, s: 0.18 } };

/** First program of each run and the recipe up to the next. */
const PROGRAMS: [number, Recipe][] = [
  [0, { struck: PIANO }], [4, { struck: ELECTRIC_PIANO }], [6, { struck: HARPSICHORD }],
  [8, { struck: BARS }], [12, { struck: MARIMBA }], [14, { struck: BELL }], [15, { struck: HARPSICHORD }],
  [16, { held: DRAWBARS }], [19, { held: PIPES }], [20, { held: REEDS }],
  [24, { struck: NYLON }], [25, { struck: STEEL }], [26, { struck: ELECTRIC }], [28, { struck: MUTED }], [29, { held: CRUNCH }], [31, { struck: HARP }],
  [32, { struck: UPRIGHT }], [33, { struck: FINGERED }], [34, { struck: PICKED }], [35, { held: FRETLESS }], [36, { struck: SLAPPED }], [38, { held: SAW_BASS }], [39, { held: SUB_BASS }],
  [40, { held: BOWED }], [44, { held: SECTION }], [45, { struck: PIZZICATO }], [46, { struck: HARP }], [47, { struck: TIMPANI }],
  [48, { held: SECTION }], [50, { held: { ...PAD, attack_s: 0.1 } }], [52, { held: CHOIR }], [53, { held: SUNG }], [54, { held: OOHS }], [55, { struck: TIMPANI }],
  [56, { held: BRASS }], [62, { held: { ...BRASS, voices: [0, 8, -7] } }], [64, { held: SAX }], [68, { held: OBOE }], [71, { held: CLARINET }],
  [72, { held: FLUTE }], [80, { held: SQUARE }], [81, { held: LEAD }], [85, { held: OOHS }], [86, { held: LEAD }],
  [88, { held: SHINE }], [89, { held: PAD }], [90, { held: { ...PAD, attack_s: 0.06 } }], [91, { held: { ...AIR, breath: undefined } }], [92, { held: { ...SECTION, attack_s: 0.25 } }], [93, { held: SHINE }], [94, { held: AIR }], [95, { held: SWEEP }],
  [96, { held: SHINE }], [97, { held: SWEEP }], [98, { struck: BARS }], [99, { held: AIR }], [104, { struck: BANJO }], [108, { struck: MARIMBA }], [109, { held: REEDS }], [110, { held: BOWED }], [111, { held: OBOE }],
  [112, { struck: BARS }], [115, { struck: MARIMBA }], [116, { struck: TIMPANI }], [119, { held: AIR }],
];

function recipe_of(program: number): Recipe {
  let found = PROGRAMS[0]![1];
  for (const [first, recipe] of PROGRAMS) if (first <= program) found = recipe;
  return found;
}

/** One note at full velocity, or one stroke for the pseudo program `DRUMS`. */
export function make_sound(program: number, pitch: number, sample_rate: number): Sound {
  if (program === DRUMS) return strike(pitch, sample_rate);
  const recipe = recipe_of(program);
  return "held" in recipe ? held(recipe.held, pitch, sample_rate) : struck(recipe.struck, pitch, sample_rate);
}
