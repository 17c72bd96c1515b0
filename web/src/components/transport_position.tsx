// Where the music is: bar and beat in words, and a strip of bars to jump in. Both move without rendering anything again.
import { useEffect, useRef } from "preact/hooks";
import type { Scene } from "../audio/contract";
import { player } from "../audio/player";
import { leading } from "../audio/score";

export interface Bars { starts: number[]; beat_ticks: number; end_tick: number }

/** Bars of a scene up to its end; where the file says none, four beats each. */
export function bars_of(scene: Scene): Bars {
  const roll = leading(scene)?.roll;
  const tpb = roll?.ticks_per_beat ?? 480;
  const unit = Number(roll?.meter.split("/")[1]) || 4;
  const starts = (roll?.bar_ticks ?? []).filter((tick) => tick < scene.end_tick);
  const length = starts.length > 1 ? starts.at(-1)! - starts.at(-2)! : tpb * 4;
  if (!starts.length) starts.push(0);
  while (starts.at(-1)! + length < scene.end_tick) starts.push(starts.at(-1)! + length);
  return { starts, beat_ticks: (tpb * 4) / unit, end_tick: scene.end_tick };
}

export function bar_and_beat({ starts, beat_ticks }: Bars, tick: number): { bar: number; beat: number } {
  let bar = 0;
  while (bar + 1 < starts.length && starts[bar + 1]! <= tick + 1e-6) bar++;
  return { bar: bar + 1, beat: Math.max(1, 1 + Math.floor((tick - starts[bar]!) / beat_ticks + 1e-6)) };
}

/** What a key on the strip jumps to; null: no key of ours. */
function jump(key: string, tick: number, { starts, beat_ticks, end_tick }: Bars): number | null {
  const beat = Math.floor(tick / beat_ticks + 1e-6);
  const last_beat = end_tick - beat_ticks;
  switch (key) {
    case "ArrowRight": case "ArrowUp": return Math.min(last_beat, (beat + 1) * beat_ticks);
    case "ArrowLeft": case "ArrowDown": return Math.max(0, (tick - beat * beat_ticks > beat_ticks / 4 ? beat : beat - 1) * beat_ticks);
    case "PageUp": return starts.find((start) => start > tick + 1) ?? starts.at(-1)!;
    case "PageDown": return starts.filter((start) => start < tick - beat_ticks / 2).at(-1) ?? 0;
    case "Home": return 0;
    case "End": return starts.at(-1)!;
    default: return null;
  }
}

export function Position() {
  const strip = useRef<HTMLInputElement>(null), words = useRef<HTMLOutputElement>(null);
  const { scene, playing, tempo_scale } = player.state.value;
  const bars = scene ? bars_of(scene) : null;
  useEffect(() => {
    let frame = 0, said = "";
    const draw = () => {
      const tick = Math.round(player.position());
      if (strip.current && bars && document.activeElement !== null) strip.current.value = String(tick);
      const { bar, beat } = bars ? bar_and_beat(bars, tick) : { bar: 1, beat: 1 };
      const now = `${bar}:${beat}`;
      if (now !== said) {
        said = now;
        if (words.current) words.current.value = now;
        strip.current?.setAttribute("aria-valuetext", `bar ${bar}, beat ${beat} of ${bars?.starts.length ?? 1} bars`);
      }
      strip.current?.style.setProperty("--done", `${bars ? (100 * tick) / bars.end_tick : 0}%`);
      if (playing) frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }); // every state of the player, so that a jump in the pause shows as well
  const key = (event: KeyboardEvent) => {
    const to = bars && !event.ctrlKey && !event.metaKey && !event.altKey ? jump(event.key, player.position(), bars) : null;
    if (to === null) return;
    event.preventDefault();
    player.seek(to);
  };
  return (
    <div class="position">
      <output ref={words} class="mono" aria-hidden="true" data-testid="position">1:1</output>
      <input ref={strip} type="range" class="strip" aria-label="Position" disabled={!scene} min={0} max={scene?.end_tick ?? 1} step={1}
        style={{ "--bar": `${bars ? (100 * (bars.starts[1] ?? bars.end_tick)) / bars.end_tick : 100}%` }} data-tempo={tempo_scale}
        onInput={(event) => player.seek(Number(event.currentTarget.value))} onKeyDown={key} data-testid="seek" />
      <span class="mono muted">{bars ? `${bars.starts.length} bars` : ""}</span>
      {scene ? <span class="chip">{scene.loop ? "⟳ loop" : "→ once"}</span> : null}
    </div>
  );
}
