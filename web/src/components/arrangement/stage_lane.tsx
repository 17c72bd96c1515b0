// One stage over the whole song: which part it plays in every block, how loud it is, and its notes.
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { player } from "../../audio/player";
import { canEdit, change } from "../../state/arrangement";
import { setMix, setPart, type DraftBlock } from "../../state/arrangement_edits";
import { theme } from "../../state/theme";
import { rollOfStage, wholeSong } from "../../state/whole_song";
import type { ArrangementDocument, StageName } from "../../types";
import { pixelRatio, rollPalette } from "../palette";
import type { Axis } from "./geometry";
import { drawLane } from "./lane_drawing";
import { sectionOf, sectionPlace, shortPart } from "./words";

const NOTES_PX = 40;

interface LaneProps {
  song: string; stage: StageName; blocks: readonly DraftBlock[]; axis: Axis; sections: readonly string[];
  choices: ArrangementDocument["choices"]; hex: string | null; onSeek: (x: number) => void;
}

export function LaneCells({ song, stage, blocks, axis, sections, choices }: LaneProps) {
  return (
    <ul class="cells" aria-label={`Parts of ${stage}`}>
      {blocks.map((block, index) => (
        <li key={block.key} style={{ left: axis.places[index]!.left, width: axis.places[index]!.width }}>
          <Cell song={song} stage={stage} block={block} index={index} place={sectionPlace(sections, block.section)} offered={choices[block.section]?.[stage] ?? []} />
        </li>
      ))}
    </ul>
  );
}

interface CellProps { song: string; stage: StageName; block: DraftBlock; index: number; place: number; offered: readonly string[] }

/** A part or silence. A native list: it opens by mouse, and cycles by arrow keys and by letters. */
function Cell({ song, stage, block, index, place, offered }: CellProps) {
  const part = block.parts[stage] ?? null;
  const section = sectionOf(song, block.section);
  const known = part === null || offered.includes(part) ? offered : [part, ...offered];
  const chosen = (value: string) =>
    change((now) => setPart(now, index, stage, value || null), `${block.name}: ${stage} ${value ? `plays ${value}` : "is silent"}.`);
  return (
    <select
      class={part === null ? "cell silent" : `cell section-${place}`}
      aria-label={`${stage} in ${block.name}`}
      title={`${stage} in ${block.name}: ${part ?? "silent"}`}
      data-testid={`cell-${stage}-${index}`}
      disabled={!canEdit.value || (known.length === 0)}
      value={part ?? ""}
      onChange={(event) => chosen(event.currentTarget.value)}
    >
      {known.map((name) => <option key={name} value={name}>{shortPart(name, section)}</option>)}
      <option value="">–</option>
    </select>
  );
}

export function LaneNotes({ stage, axis, hex, onSeek }: LaneProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const whole = wholeSong.value;
  const roll = useMemo(() => whole && rollOfStage(whole, stage), [whole, stage]);
  const palette = rollPalette(hex);
  const ratio = Math.min(pixelRatio.value, 8000 / axis.width); // browsers refuse canvases that are much wider
  const chosen = theme.value;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d", { alpha: false });
    if (!canvas.current || !context) return;
    canvas.current.width = Math.round(axis.width * ratio);
    canvas.current.height = Math.round(NOTES_PX * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = palette.background;
    context.fillRect(0, 0, axis.width, NOTES_PX);
    if (roll && whole) drawLane(context, roll, whole.blocks.map((block) => block.start_tick), axis.width, NOTES_PX, palette);
  }, [roll, axis.width, ratio, palette, chosen]);
  const n_notes = roll?.tracks.reduce((sum, track) => sum + track.notes.length, 0) ?? 0;
  const names = roll?.tracks.map((track) => track.name).join(", ");
  return (
    <canvas
      ref={canvas}
      class="lane-notes"
      style={{ width: axis.width, height: NOTES_PX }}
      role="img"
      aria-label={n_notes ? `${stage}: ${n_notes} notes of ${names}` : `${stage}: silent in the whole song`}
      onPointerDown={(event) => { if (event.button === 0) onSeek(event.offsetX); }}
    />
  );
}

/** Name of the stage, what is heard now (S, M), and how loud it is in the song. */
export function LaneLabel({ stage, mix }: { stage: StageName; mix: { gain_db: number; mute: boolean } }) {
  const { muted, solo } = player.state.value;
  const isQuiet = mix.mute || (solo.size > 0 ? !solo.has(stage) : muted.has(stage));
  const leveled = (text: string) => {
    const gain_db = Math.min(24, Math.max(-24, Math.round(Number(text) * 10) / 10));
    if (Number.isFinite(gain_db) && gain_db !== mix.gain_db) change((now) => setMix(now, stage, { gain_db }), `${stage} at ${gain_db} decibels.`);
  };
  return (
    <div class="lane-label" data-quiet={isQuiet}>
      <div class="lane-line">
        <span class="lane-name" id={`lane-${stage}`}>{stage}</span>
        <button type="button" class="button small" aria-pressed={solo.has(stage)} aria-label={`Hear only ${stage}`} title={`Hear only ${stage}`} data-testid={`solo-${stage}`} onClick={() => player.soloed(stage, !solo.has(stage))}>S</button>
        <button type="button" class="button small" aria-pressed={muted.has(stage)} aria-label={`Do not hear ${stage}`} title={`Do not hear ${stage}; the song stays as it is`} data-testid={`mute-${stage}`} onClick={() => player.mute(stage, !muted.has(stage))}>M</button>
      </div>
      <div class="lane-line">
        <label class="lane-gain" title={`Level of ${stage} in the song`}>
          <input key={mix.gain_db} type="number" min={-24} max={24} step={0.5} defaultValue={String(mix.gain_db)} disabled={!canEdit.value} aria-label={`Level of ${stage} in the song, decibels`} data-testid={`gain-${stage}`} onChange={(event) => leveled(event.currentTarget.value)} />
          <span aria-hidden="true">dB</span>
        </label>
        <label class="lane-out" title={`Leave ${stage} out of the song and its exports`}>
          <input type="checkbox" checked={mix.mute} disabled={!canEdit.value} aria-label={`Leave ${stage} out of the song`} data-testid={`leave-out-${stage}`} onChange={(event) => {
            const mute = event.currentTarget.checked;
            change((now) => setMix(now, stage, { mute }), mute ? `${stage} is left out of the song.` : `${stage} is in the song again.`);
          }} />
          leave out
        </label>
      </div>
    </div>
  );
}
