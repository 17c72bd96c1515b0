// Everything over one time axis: energy, bars, blocks, the part of every stage in every block, its notes, and the cursor.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { player } from "../../audio/player";
import { draft, saved } from "../../state/arrangement";
import { isHeard, wholeSong } from "../../state/whole_song";
import { STAGES } from "../../router";
import { songOf } from "../../state/library";
import { watchWidth } from "../roll";
import { Blocks } from "./blocks";
import { SongCursor } from "./cursor";
import { EnergyArc } from "./energy_arc";
import { axisOf, LABEL_PX, numberedBars, type Axis } from "./geometry";
import { LaneCells, LaneLabel, LaneNotes } from "./stage_lane";

export function Timeline({ song }: { song: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(0);
  useEffect(() => (scroller.current ? watchWidth(scroller.current, setRoom) : undefined), []);
  const [now, known] = [draft.value, saved.value];
  const axis = axisOf(now?.blocks ?? [], room - LABEL_PX - 1);
  return (
    <div ref={scroller} class="timeline" data-testid="timeline">
      {now && known && room > 0 && (
        <div class="timeline-inner" style={{ width: LABEL_PX + axis.width }}>
          <Row label="Energy" kind="arc" width={axis.width}><EnergyArc blocks={now.blocks} axis={axis} /></Row>
          <Row label="Bars" kind="ruler" width={axis.width}><Ruler axis={axis} /></Row>
          <Row label="Blocks" kind="block-row" width={axis.width}><Blocks blocks={now.blocks} axis={axis} sections={Object.keys(known.choices)} /></Row>
          {STAGES.map((stage) => {
            const lane = { song, stage, blocks: now.blocks, axis, sections: Object.keys(known.choices), choices: known.choices, hex: songOf(song)?.hex ?? null, onSeek: (x: number) => seek(axis, x) };
            return (
              <section key={stage} class="timeline-row lane" aria-label={stage}>
                <LaneLabel stage={stage} mix={now.mix[stage] ?? { gain_db: 0, mute: false }} />
                <div class="row-content" style={{ width: axis.width }}>
                  <LaneCells {...lane} />
                  <LaneNotes {...lane} />
                </div>
              </section>
            );
          })}
          <SongCursor axis={axis} />
        </div>
      )}
    </div>
  );
}

function Row({ label, kind, width, children }: { label: string; kind: string; width: number; children: ComponentChildren }) {
  return (
    <div class={`timeline-row ${kind}`}>
      <div class="row-label">{label}</div>
      <div class="row-content" style={{ width }}>{children}</div>
    </div>
  );
}

/** Bar numbers; a click goes there. The keyboard has the player's position below. */
function Ruler({ axis }: { axis: Axis }) {
  return (
    <div class="ruler" aria-hidden="true" data-testid="ruler" title="Go to this bar" onPointerDown={(event) => { if (event.button === 0) seek(axis, event.clientX - event.currentTarget.getBoundingClientRect().left); }}>
      {numberedBars(axis).map((bar) => <span key={bar} style={{ left: (bar / axis.n_bars) * axis.width }}>{bar + 1}</span>)}
    </div>
  );
}

/** Go to the bar that lies at `x`. */
function seek(axis: Axis, x: number): void {
  const roll = wholeSong.peek()?.roll;
  if (!roll || !isHeard()) return;
  const tick = (x / axis.width) * roll.end_tick;
  player.seek(roll.bar_ticks.filter((start) => start <= tick).at(-1) ?? 0);
}
