// Tempo, volume, which sound, matched loudness, and how loud it is.
import { useEffect, useRef } from "preact/hooks";
import { player } from "../audio/player";
import { leading, parts_of } from "../audio/score";
import { library } from "../state/library";

const METER_MS = 60, METER_FLOOR_DB = -48;
/** Why there is no other sound than the synth's. */
const whyOnlySynth = (): string =>
  library.value?.soundfont ? "this is played by the page's own synth; exported WAV has the SoundFont's sound" : "there is no SoundFont: the page's own synth plays";

function Tempo() {
  const { scene, tempo_scale } = player.state.value;
  const written_bpm = (scene && leading(scene)?.roll.tempos[0]?.[1]) ?? 120;
  const bpm = Math.round(written_bpm * tempo_scale), percent = Math.round(tempo_scale * 100);
  return (
    <div class="setting">
      <label for="transport-tempo">Tempo</label>
      <input id="transport-tempo" type="range" min={50} max={150} step={1} value={percent} aria-valuetext={`${bpm} bpm, ${percent} %`} data-testid="tempo"
        onInput={(event) => player.tempo(Number(event.currentTarget.value) / 100)} />
      <button type="button" class="button small quiet mono bpm" aria-label={`${bpm} bpm, back to the tempo as written`} title="Back to the tempo as written"
        onClick={() => player.tempo(1)}>{bpm} bpm</button>
    </div>
  );
}

function Volume() {
  const { volume_db } = player.state.value;
  const said = volume_db <= -60 ? "silent" : `${volume_db > 0 ? "+" : ""}${volume_db} dB`;
  return (
    <div class="setting">
      <label for="transport-volume">Volume</label>
      <input id="transport-volume" type="range" min={-60} max={6} step={1} value={volume_db} aria-valuetext={said} data-testid="volume"
        onInput={(event) => player.volume(Number(event.currentTarget.value))} />
      <span class="mono level">{said}</span>
    </div>
  );
}

function Sound() {
  const { scene, sound } = player.state.value;
  const available = scene !== null && parts_of(scene).some((part) => part.wav !== null);
  return (
    <div class="setting">
      <label for="transport-sound">Sound</label>
      <select id="transport-sound" value={sound} disabled={!available && sound === "synth"} data-testid="sound"
        title={available ? "Synth answers at once; SoundFont is rendered first" : whyOnlySynth()} aria-describedby={available ? undefined : "transport-no-sound"}
        onChange={(event) => player.use(event.currentTarget.value === "rendered" ? "rendered" : "synth")}>
        <option value="synth">synth</option>
        <option value="rendered">SoundFont</option>
      </select>
      {available ? null : <span id="transport-no-sound" class="visually-hidden">{whyOnlySynth()}</span>}
    </div>
  );
}

export function Settings() {
  const { matched } = player.state.value;
  return (
    <div class="settings">
      <Tempo />
      <Volume />
      <Sound />
      <label class="setting" title="Bring A, B, C and D to one loudness, so that the louder one does not win for being louder">
        <input type="checkbox" checked={matched} onChange={(event) => player.match(event.currentTarget.checked)} data-testid="match" aria-label="Match loudness of the choices" />
        Match
      </label>
    </div>
  );
}

/** RMS as a bar and the peak as a mark, in decibels; for the eye only. */
export function LevelMeter() {
  const bar = useRef<HTMLDivElement>(null);
  const { playing } = player.state.value;
  useEffect(() => {
    const share = (amplitude: number) => Math.max(0, 1 - (20 * Math.log10(Math.max(amplitude, 1e-6))) / METER_FLOOR_DB);
    const draw = () => {
      const { rms, peak } = player.meter();
      bar.current?.style.setProperty("--rms", share(rms).toFixed(3));
      bar.current?.style.setProperty("--peak", share(peak).toFixed(3));
    };
    draw();
    if (!playing) return () => undefined;
    const timer = setInterval(draw, METER_MS);
    return () => { clearInterval(timer); setTimeout(draw, 400); };
  }, [playing]);
  return <div ref={bar} class="level-meter" aria-hidden="true" title="Level" />;
}
