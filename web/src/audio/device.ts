// The sound device: one AudioContext with the engine in its audio thread and the maker of sounds in a worker. It keeps sounds
// up to a bound and forgets those unused for longest, so that a thousand candidates take no more memory than twenty.
import type { Anchor, FromEngine, FromMaker, PartScore, ToEngine, ToMaker } from "./messages";

const KEPT_BYTES = 48e6; // of sounds, in the audio thread and again in the worker
const METER_S = 0.05;
const LATENCY_S = 0.02; // asked for; a compromise between answering at once and two slow cores

export class SoundDevice {
  readonly context: AudioContext;
  onanchor: (anchor: Anchor) => void = () => {};
  onended: () => void = () => {};
  private node: AudioWorkletNode | null = null;
  private analyser: AnalyserNode | null = null;
  private readonly maker: Worker;
  private readonly bytes = new Map<number, number>(); // of sounds asked for, least recently used first; 0: not made yet
  private readonly there = new Set<number>(); // in the audio thread
  private readonly awaited = new Map<number, (() => void)[]>();
  private readonly measured = new Map<string, (lufs: number | null) => void>();
  private readonly opened: Promise<void>;
  private readonly window = new Float32Array(4096);

  constructor() {
    this.context = new AudioContext({ latencyHint: LATENCY_S });
    this.maker = new Worker(new URL("sound-maker.js", import.meta.url), { type: "module" });
    this.maker.onmessage = ({ data }: MessageEvent<FromMaker>) => {
      if (data.type === "made") this.bytes.set(data.id, data.bytes);
      else {
        this.measured.get(data.key)?.(data.lufs);
        this.measured.delete(data.key);
      }
    };
    this.opened = this.open();
  }

  private async open(): Promise<void> {
    await this.context.audioWorklet.addModule(new URL("sound-engine.js", import.meta.url));
    this.node = new AudioWorkletNode(this.context, "whitelight-engine", { numberOfInputs: 0, outputChannelCount: [2] });
    this.node.port.onmessage = ({ data }: MessageEvent<FromEngine>) => this.hear(data);
    const between = new MessageChannel();
    this.send({ type: "maker", port: between.port1 }, [between.port1]);
    this.ask({ type: "begin", sample_rate: this.context.sampleRate, engine: between.port2 }, [between.port2]);
    this.analyser = new AnalyserNode(this.context, { fftSize: this.window.length });
    this.node.connect(this.analyser).connect(this.context.destination);
  }

  private hear(message: FromEngine): void {
    if (message.type === "anchor") this.onanchor(message);
    else if (message.type === "ended") this.onended();
    else for (const id of message.ids) {
      this.there.add(id);
      this.awaited.get(id)?.forEach((tell) => tell());
      this.awaited.delete(id);
    }
  }

  ready(): Promise<void> { return this.opened; }
  send(message: ToEngine, transfer: Transferable[] = []): void { this.node?.port.postMessage(message, transfer); }
  private ask(message: ToMaker, transfer: Transferable[] = []): void { this.maker.postMessage(message, transfer); }

  /** Have these sounds made, first ones first; resolves when the audio thread has them all. */
  async need(ids: readonly number[]): Promise<void> {
    await this.opened;
    const lacking = ids.filter((id) => !this.bytes.has(id));
    for (const id of ids) {
      const bytes = this.bytes.get(id) ?? 0;
      this.bytes.delete(id); // to the end: most recently used
      this.bytes.set(id, bytes);
    }
    if (lacking.length) this.ask({ type: "make", ids: lacking });
    const coming = ids.filter((id) => !this.there.has(id));
    await Promise.all(coming.map((id) => new Promise<void>((tell) => this.awaited.set(id, [...(this.awaited.get(id) ?? []), tell]))));
  }

  /** Forget what is over the bound and not among `used`, which plays. */
  forget(used: ReadonlySet<number>): void {
    let total = 0;
    for (const bytes of this.bytes.values()) total += bytes;
    const ids: number[] = [];
    for (const [id, bytes] of this.bytes) {
      if (total <= KEPT_BYTES) break;
      if (used.has(id) || !this.there.has(id)) continue;
      ids.push(id);
      total -= bytes;
    }
    for (const id of ids) {
      this.bytes.delete(id);
      this.there.delete(id);
    }
    if (ids.length) {
      this.send({ type: "drop", ids });
      this.ask({ type: "drop", ids });
    }
  }

  /** Integrated loudness of a part alone, LUFS; null: silence. */
  async loudness(part: PartScore, scene_end_s: number): Promise<number | null> {
    await this.opened;
    return new Promise((tell) => {
      const before = this.measured.get(part.key);
      this.measured.set(part.key, (lufs) => { before?.(lufs); tell(lufs); });
      if (!before) this.ask({ type: "loudness", part, scene_end_s });
    });
  }

  /** Of the last 50 ms of what leaves the limiter. */
  meter(): { rms: number; peak: number } {
    if (!this.analyser || this.context.state !== "running") return { rms: 0, peak: 0 };
    this.analyser.getFloatTimeDomainData(this.window);
    const n = Math.min(this.window.length, Math.round(METER_S * this.context.sampleRate));
    let sum = 0, peak = 0;
    for (const value of this.window.subarray(this.window.length - n)) {
      sum += value * value;
      peak = Math.max(peak, Math.abs(value));
    }
    return { rms: Math.sqrt(sum / n), peak };
  }

  /** For tests: how much is kept. */
  kept(): { sounds: number; bytes: number } {
    return { sounds: this.bytes.size, bytes: [...this.bytes.values()].reduce((a, b) => a + b, 0) };
  }
}
