// Makes sounds off the page's thread and hands them straight to the engine; measures the loudness of parts with the same code
// that plays them. A bundle of its own (sound-maker.js).
import { render_dry } from "./engine";
import { make_sound } from "./instruments";
import { loudness_lufs } from "./loudness";
import type { FromMaker, MakerToEngine, ToMaker } from "./messages";
import { sound_bytes, type Sound } from "./sound";

const sounds = new Map<number, Sound>();
let sample_rate = 48000;
let engine: MessagePort | null = null;
const answer = (message: FromMaker) => self.postMessage(message);

function have(id: number): Sound {
  const known = sounds.get(id);
  if (known) return known;
  const sound = make_sound(id >> 7, id & 127, sample_rate);
  sounds.set(id, sound);
  return sound;
}

self.onmessage = ({ data }: MessageEvent<ToMaker>) => {
  switch (data.type) {
    case "begin":
      ({ sample_rate, engine } = data);
      return;
    case "make":
      for (const id of data.ids) {
        const begun = performance.now(), sound = have(id);
        engine?.postMessage({ type: "sound", id, sound } satisfies MakerToEngine);
        answer({ type: "made", id, bytes: sound_bytes(sound), took_ms: performance.now() - begun });
      }
      return;
    case "drop":
      for (const id of data.ids) sounds.delete(id);
      return;
    case "loudness": {
      const { part, scene_end_s } = data;
      const mine = new Map(Array.from(new Set(part.ids), (id): [number, Sound] => [id, have(id)]));
      const [left, right] = render_dry(part, mine, Math.min(scene_end_s, 60), sample_rate);
      answer({ type: "loudness", key: part.key, lufs: loudness_lufs(left, right, sample_rate) });
    }
  }
};
