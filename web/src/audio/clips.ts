// Recordings rendered by the server: fetched, decoded, kept as 16 bits up to a bound. One recording is of one part at one tempo.
import type { Clip } from "./messages";

const KEPT_BYTES = 96e6;
const LONGEST_S = 600;

const kept = new Map<string, Clip>(); // least recently used first
const bytes_of = (clip: Clip) => 4 * clip.left.length;

const steps = (x: Float32Array) => Int16Array.from(x, (value) => Math.max(-32768, Math.min(32767, Math.round(value * 32768))));

function keep(address: string, clip: Clip): void {
  kept.set(address, clip);
  let total = [...kept.values()].reduce((sum, other) => sum + bytes_of(other), 0);
  for (const [other, old] of kept) {
    if (total <= KEPT_BYTES || other === address) break;
    kept.delete(other);
    total -= bytes_of(old);
  }
}

/** Fetch and decode; throws an Error that says in words what went wrong. */
export async function fetch_clip(wav: string, tempo_bpm: number, tempo_scale: number, context: AudioContext, signal: AbortSignal): Promise<Clip> {
  const address = tempo_scale === 1 ? wav : `${wav}${wav.includes("?") ? "&" : "?"}tempo_bpm=${(tempo_bpm * tempo_scale).toFixed(3)}`;
  const known = kept.get(address);
  if (known) {
    kept.delete(address);
    kept.set(address, known);
    return known;
  }
  const response = await fetch(address, { signal });
  if (!response.ok) {
    const said = (await response.json().catch(() => null)) as { error?: string } | null;
    throw new Error(said?.error ?? `the server answered ${response.status}`);
  }
  const sound = await context.decodeAudioData(await response.arrayBuffer());
  if (sound.duration > LONGEST_S) throw new Error(`the recording lasts ${Math.round(sound.duration)} s, more than ${LONGEST_S} s`);
  const clip = { left: steps(sound.getChannelData(0)), right: steps(sound.getChannelData(Math.min(1, sound.numberOfChannels - 1))), tempo_scale };
  keep(address, clip);
  return clip;
}
