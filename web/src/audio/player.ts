// The one player of the page: scenes in, commands to the engine out, and what it does as a signal. See contract.ts.
import { signal } from "@preact/signals";
import type { Roll, StageName } from "../types";
import { fetch_clip } from "./clips";
import type { Part, Player, PlayerState, Scene } from "./contract";
import { SoundDevice } from "./device";
import { hearing } from "./hearing";
import type { Anchor, Clip, PartScore, SceneScore } from "./messages";
import { leading, parts_of, scene_score, TempoMap } from "./score";

const SLOWEST = 0.5, FASTEST = 1.5, QUIETEST_DB = -60, LOUDEST_DB = 6;
const AT_ONCE_S = 2.5; // of music whose sounds must be there before it starts; the rest is made while it plays
const IDLE_MS = 30_000;
const CLIP_WAIT_MS = 250; // a slider moves; a recording is fetched when it rests

const state = signal<PlayerState>({
  scene: null, playing: false, ready: false, choice: 0, tempo_scale: 1, volume_db: 0, muted: new Set(), solo: new Set(),
  sound: "synth", matched: true, problem: null,
});
const change = (part: Partial<PlayerState>): void => { state.value = { ...state.value, ...part }; };

const scores = new WeakMap<Roll, PartScore>(); // of rolls the page still holds
const loudness = new WeakMap<PartScore, number | null>(); // LUFS
let device: SoundDevice | null = null;
let score: SceneScore | null = null; // what the engine has, or is about to get
let map = new TempoMap({ tempos: [], ticks_per_beat: 480 });
let ticks_per_beat = 480;
let anchor: Pick<Anchor, "frame" | "position_s" | "playing" | "tempo_scale" | "missed" | "voices" | "least_gain"> =
  { frame: 0, position_s: 0, playing: false, tempo_scale: 1, missed: 0, voices: 0, least_gain: 1 };
let loading = 0; // counts loads, so that an outdated one notices
let being_made: Promise<void> = Promise.resolve();
let idle = 0;
let clip_wait = 0;
let fetching = new AbortController();

function opened(): SoundDevice {
  if (device) return device;
  device = new SoundDevice();
  device.onanchor = (said) => { anchor = said; };
  device.onended = () => {
    change({ playing: false });
    jumped(0);
    rest_later();
  };
  return device;
}

/** What the position is from now on, until the engine says so itself. */
function jumped(position_s: number): void {
  anchor = { ...anchor, frame: device ? device.context.currentTime * device.context.sampleRate : 0, position_s, playing: state.value.playing, tempo_scale: state.value.tempo_scale };
}

function position_s(): number {
  if (!device || !score) return anchor.position_s;
  const { context } = device;
  if (!anchor.playing) return anchor.position_s;
  const late_s = Math.min(0.3, context.outputLatency || context.baseLatency || 0);
  const passed_s = context.currentTime - anchor.frame / context.sampleRate - late_s;
  const at_s = anchor.position_s + passed_s * anchor.tempo_scale;
  if (!score.loop) return Math.min(Math.max(0, at_s), score.end_s);
  return ((at_s % score.end_s) + score.end_s) % score.end_s;
}

const send_levels = (): void => device?.send({ type: "levels", levels: hearing(state.value, scores, loudness) });

/** Sounds of a scene in the order they are wanted from a place on. */
function wanted(scene: SceneScore, from_s: number, within_s: number): number[] {
  const first = new Map<number, number>();
  for (const part of scene.parts)
    part.ids.forEach((id, k) => {
      const ahead = (part.onset_s[k]! - from_s + scene.end_s) % scene.end_s;
      const held = part.onset_s[k]! < from_s && part.end_s[k]! > from_s;
      first.set(id, Math.min(first.get(id) ?? Infinity, held ? 0 : ahead));
    });
  return [...first].filter(([, ahead]) => ahead <= within_s).sort((a, b) => a[1] - b[1]).map(([id]) => id);
}

async function load(scene: Scene, choice = 0): Promise<void> {
  const mine = ++loading, before_beat = player.position() / ticks_per_beat;
  const lead = leading(scene);
  change({ scene, choice: Math.min(Math.max(0, choice), Math.max(0, scene.choices.length - 1)), ready: false, problem: null });
  const next = scene_score(scene, (part, make) => {
    const known = scores.get(part.roll);
    if (known?.key === part.key) return known;
    const made = make();
    scores.set(part.roll, made);
    return made;
  });
  const next_map = new TempoMap(lead?.roll ?? { tempos: [], ticks_per_beat: 480 });
  const next_tpb = lead?.roll.ticks_per_beat ?? 480;
  const place_s = (beat: number) => next_map.at((beat * next_tpb) % Math.max(1, scene.end_tick));
  const sound = opened();
  const from_s = place_s(before_beat);
  being_made = sound.need(wanted(next, from_s, AT_ONCE_S));
  const all_made = sound.need(wanted(next, from_s, Infinity)); // queued behind at once: the music may already be further
  await being_made;
  if (mine !== loading) return;
  const on_the_way = player.position() / ticks_per_beat;
  const same = score !== null && Math.abs(next.end_s - score.end_s) < 1e-9 && next_tpb === ticks_per_beat;
  const stays = state.value.playing || same || score === null; // in the pause, music of another length begins at its beginning
  score = next;
  map = next_map;
  ticks_per_beat = next_tpb;
  const at_s = same && state.value.playing ? null : stays ? place_s(on_the_way) : 0;
  sound.send({ type: "scene", scene: next, levels: hearing(state.value, scores, loudness), at_s });
  if (at_s !== null) jumped(at_s);
  change({ ready: true });
  sound.forget(new Set(next.parts.flatMap((part) => [...part.ids])));
  void all_made.then(() => (mine === loading ? measure(next, scene) : undefined));
  fetch_clips();
}

/** Loudness of each choice, for matching; made after everything that is about to sound. */
async function measure(scene: SceneScore, of: Scene): Promise<void> {
  if (of.choices.length < 2) return;
  await Promise.all(of.choices.map(async ({ part }) => {
    const one = scores.get(part.roll);
    if (one && !loudness.has(one)) loudness.set(one, await opened().loudness(one, scene.end_s));
  }));
  if (state.value.scene === of) send_levels();
}

async function play(from_tick?: number): Promise<void> {
  const sound = opened();
  clearTimeout(idle);
  const running = sound.context.state === "running" ? null : sound.context.resume();
  change({ playing: true });
  await sound.ready();
  await Promise.all([being_made, running]);
  if (!state.value.playing || !score) return void change({ playing: state.value.playing && score !== null });
  const at_s = from_tick !== undefined ? map.at(from_tick) : anchor.position_s >= score.end_s - 1e-6 ? 0 : anchor.position_s;
  sound.send({ type: "play", at_s });
  jumped(at_s);
}

function pause(): void {
  const at_s = position_s();
  change({ playing: false });
  device?.send({ type: "pause" });
  device?.send({ type: "seek", at_s });
  jumped(at_s);
  rest_later();
}

/** The device is let go of when nothing has played for a while. */
function rest_later(): void {
  clearTimeout(idle);
  idle = window.setTimeout(() => { if (!state.value.playing) void device?.context.suspend(); }, IDLE_MS);
}

function seek(tick: number): void {
  const end_tick = state.value.scene?.end_tick ?? 0;
  const at_s = map.at(Math.max(0, Math.min(tick, end_tick)));
  device?.send({ type: "seek", at_s });
  jumped(at_s);
  change({}); // cursors that stand still move
}

/** Bring the recordings of what is heard, where there are any; until one is there its part is synthesized. */
function fetch_clips(): void {
  fetching.abort();
  fetching = new AbortController();
  const { scene, sound, tempo_scale } = state.value;
  if (!scene || !device) return;
  const { signal: stop } = fetching, target = device;
  for (const part of parts_of(scene)) {
    if (sound === "synth" || !part.wav) target.send({ type: "clip", key: part.key, clip: null });
    else void bring(part, part.wav, tempo_scale, target, stop);
  }
}

async function bring(part: Part, wav: string, tempo_scale: number, target: SoundDevice, stop: AbortSignal): Promise<void> {
  try {
    const clip: Clip = await fetch_clip(wav, part.roll.tempos[0]?.[1] ?? 120, tempo_scale, target.context, stop);
    if (!stop.aborted) target.send({ type: "clip", key: part.key, clip });
  } catch (error) {
    if (stop.aborted) return;
    target.send({ type: "clip", key: part.key, clip: null });
    change({ problem: `${part.stage}: the page's own synth plays it, ${error instanceof Error ? error.message : String(error)}` });
  }
}

function switched(set: ReadonlySet<StageName>, stage: StageName, on: boolean): ReadonlySet<StageName> {
  const next = new Set(set);
  if (on) next.add(stage);
  else next.delete(stage);
  return next;
}

const bounded = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));

export const player: Player = {
  state,
  position: () => map.tick(position_s()),
  load,
  play,
  pause,
  toggle: async () => { if (state.value.playing) pause(); else await play(); },
  seek,
  choose: (index) => {
    change({ choice: bounded(index, 0, Math.max(0, (state.value.scene?.choices.length ?? 1) - 1)) });
    send_levels();
  },
  mute: (stage, on) => { change({ muted: switched(state.value.muted, stage, on) }); send_levels(); },
  soloed: (stage, on) => { change({ solo: switched(state.value.solo, stage, on) }); send_levels(); },
  tempo: (scale) => {
    const at_s = position_s();
    change({ tempo_scale: bounded(scale, SLOWEST, FASTEST) });
    device?.send({ type: "tempo", scale: state.value.tempo_scale });
    jumped(at_s);
    clearTimeout(clip_wait);
    if (state.value.sound === "rendered") clip_wait = window.setTimeout(fetch_clips, CLIP_WAIT_MS);
  },
  volume: (db) => {
    change({ volume_db: bounded(db, QUIETEST_DB, LOUDEST_DB) });
    device?.send({ type: "volume", gain: state.value.volume_db <= QUIETEST_DB ? 0 : 10 ** (state.value.volume_db / 20) });
  },
  use: (sound) => { change({ sound, problem: null }); fetch_clips(); },
  match: (on) => { change({ matched: on }); send_levels(); },
  meter: () => ({ clock_s: device?.context.currentTime ?? 0, ...(device?.meter() ?? { rms: 0, peak: 0 }) }),
};

/** For tests: what the engine said last (missed notes, voices, least gain of the limiter), and how much sound is kept. */
export const diagnosis = () => ({ ...anchor, ...device?.kept(), context: device?.context.state ?? "closed" });

if (typeof window !== "undefined") Object.assign(window, { whitelightPlayer: player, whitelightSound: diagnosis });
