// What the page's lists and drawings must keep, asked without a browser: run by test_looks.py, one JSON object on stdout.
import { contrast, readable, readCss, readHex } from "../../web/src/components/contrast";
import { countHits, laneOf } from "../../web/src/components/drum_grid";
import { readKey, tickToX, xToTick } from "../../web/src/components/roll_drawing";
import { describeRoll, sungText } from "../../web/src/components/roll_text";
import { fromMiddle, scrollToRow, spanOf } from "../../web/src/components/virtual_window";
import { filtered, sorted, type ViewSettings } from "../../web/src/state/view_settings";
import type { Candidate, Roll } from "../../web/src/types";

const all: ViewSettings = { section: "", variant: "", status: "", kept: false, text: "", sort: "file" };
const one = (id: string, more: Partial<Candidate>): Candidate =>
  ({ id, section: "verse", variant: "a", status: "undecided", label: "", notes: "", kept: false, match: null, rating: null, measures: {}, facts: {}, ...more }) as Candidate;
const list = [
  one("p", { match: 0.2, kept: true, notes: "too LOUD" }), one("q", { match: null, variant: "b", facts: { roman: "I vi" } }),
  one("r", { match: 0.9, status: "approved", measures: { pace: 1 } }), one("s", { match: 0.2, section: "chorus", measures: { pace: 3 } }),
];
const ids = (found: Candidate[]): string => found.map((each) => each.id).join("");
const shown = (settings: Partial<ViewSettings>, isBlind = false): string => ids(filtered(list, { ...all, ...settings }, isBlind));
const order = (sort: string): string => ids(sorted(list, { ...all, sort }));

const roll = (tracks: Roll["tracks"], more: Partial<Roll> = {}): Roll =>
  ({ ticks_per_beat: 480, end_tick: 3840, tempos: [[0, 120]], meter: "4/4", bar_ticks: [0, 1920, 3840], tracks, syllables: [], chords: [], markers: [], ...more });
const tune = roll([{ name: "m", program: 0, is_drum: false, notes: [[0, 480, 62, 90], [960, 480, 69, 90]] }], {
  chords: [[0, "Em"], [1920, "Am"]], syllables: [[0, "kit-"], [480, "_"], [960, "chen"], [1440, "light"]],
});
const drums = roll([{ name: "d", program: 0, is_drum: true, notes: [[0, 10, 36, 100], [480, 10, 42, 30], [960, 10, 36, 100], [1440, 10, 76, 90]] }]);

const paper = readHex("#fbfaf8")!, night = readHex("#17191c")!, ink = readHex("#1f2023")!, chalk = readHex("#e9e8e4")!;
const hues = ["#FFFF00", "#F6F6F6", "#231F20", "#042A7B", "#AE1E36", "#ABD96D"].map((hex) => readHex(hex)!);
const least = Math.min(
  ...hues.map((hue) => contrast(readCss(readable(hue, paper, ink, 4)), paper)),
  ...hues.map((hue) => contrast(readCss(readable(hue, night, chalk, 4)), night)),
);

console.log(JSON.stringify({
  shown: [shown({}), shown({ section: "verse", variant: "a" }), shown({ status: "approved" }), shown({ kept: true }), shown({ kept: true }, true), shown({ text: "loud TOO" }), shown({ text: "vi" })],
  order: [order("file"), order("match"), order("measure:pace")],
  top: spanOf(0, 500, 100, 1000, 3), end: spanOf(99_500, 500, 100, 1000, 3), none: spanOf(0, 500, 100, 0, 3),
  middle: fromMiddle({ first: 2, last: 5 }),
  scroll: [scrollToRow(0, 500, 100, 2, 4), scrollToRow(0, 500, 100, 9, 4), scrollToRow(900, 500, 100, 3, 4), scrollToRow(0, 50, 100, 4, 0)],
  tonic: ["A major", "F# minor", "Bb major", "E lydian", "?"].map((key) => readKey(key)?.tonic ?? null),
  scale: [...readKey("A minor")!.scale].sort((a, b) => a - b),
  there_and_back: xToTick(tickToX(1234, tune, 640), tune, 640),
  text: [describeRoll(tune, readKey("E minor")), describeRoll(drums, null)], sung: sungText(tune),
  hits: countHits(drums), lanes: [35, 40, 46, 45, 51, 49, 81].map(laneOf), least,
}));
