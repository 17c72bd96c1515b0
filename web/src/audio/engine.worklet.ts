// The engine in the audio thread. A bundle of its own (sound-engine.js): it goes on in background tabs and while the page is busy.
import { BLOCK, Engine } from "./engine";
import type { FromEngine, MakerToEngine, ToEngine } from "./messages";

// What an audio worklet's scope has and TypeScript's DOM types leave out.
declare const sampleRate: number;
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: unknown): void;
declare class AudioWorkletProcessor { readonly port: MessagePort }

const REPORT_FRAMES = 2048;

class EngineProcessor extends AudioWorkletProcessor {
  private readonly engine = new Engine(sampleRate);
  private reported = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToEngine>) => this.hear(data);
  }

  private say(message: FromEngine): void {
    this.port.postMessage(message);
  }

  private hear(message: ToEngine): void {
    const { engine } = this;
    switch (message.type) {
      case "maker":
        message.port.onmessage = ({ data }: MessageEvent<MakerToEngine>) => {
          engine.sounds.set(data.id, data.sound);
          this.say({ type: "have", ids: [data.id] });
        };
        return;
      case "scene": engine.load(message.scene, message.levels, message.at_s); break;
      case "play": engine.play(message.at_s); break;
      case "pause": engine.pause(); break;
      case "seek": engine.seek(message.at_s); break;
      case "tempo": engine.tempo(message.scale); break;
      case "volume": engine.set_volume(message.gain); return;
      case "levels": engine.set_levels(message.levels); return;
      case "clip": engine.set_clip(message.key, message.clip); return;
      case "drop": for (const id of message.ids) engine.sounds.delete(id); return;
    }
    this.report();
  }

  private report(): void {
    const { engine } = this;
    this.reported = currentFrame;
    this.say({ type: "anchor", frame: currentFrame, position_s: engine.position_s, tempo_scale: engine.tempo_scale, playing: engine.playing, missed: engine.missed, voices: engine.n_voices, least_gain: engine.least_gain });
  }

  process(_: unknown, [output]: [Float32Array[]]): boolean {
    if (output[0] && output[1]) this.engine.process(output[0], output[1], BLOCK);
    if (this.engine.ended) {
      this.engine.ended = false;
      this.say({ type: "ended" });
      this.report();
    } else if (this.engine.playing && currentFrame - this.reported >= REPORT_FRAMES) this.report();
    return true;
  }
}

registerProcessor("whitelight-engine", EngineProcessor);
