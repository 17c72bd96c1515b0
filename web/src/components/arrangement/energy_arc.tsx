// The arc of the song: the energy of every block as a point of a curve, dragged up and down or moved by arrow keys.
import { useEffect, useRef, useState } from "preact/hooks";
import { canEdit, change } from "../../state/arrangement";
import { changeBlock, type DraftBlock } from "../../state/arrangement_edits";
import type { Axis } from "./geometry";

export const ARC_PX = 76;
const EDGE_PX = 10; // above and below the curve, so that points at 0 and 100 are whole
const KEYS_REST_MS = 600; // then what the keys did is saved, once

const yOf = (energy: number): number => EDGE_PX + (1 - energy) * (ARC_PX - 2 * EDGE_PX);
const percent = (energy: number): number => Math.round(energy * 100);
const bounded = (energy: number): number => Math.round(Math.min(1, Math.max(0, energy)) * 100) / 100;

const KEY_STEPS: Record<string, number> = { ArrowUp: 0.01, ArrowRight: 0.01, ArrowDown: -0.01, ArrowLeft: -0.01, PageUp: 0.1, PageDown: -0.1, Home: -1, End: 1 };

interface Turned { key: string; energy: number; isDragged: boolean } // what is shown while it is not saved yet

export function EnergyArc({ blocks, axis }: { blocks: readonly DraftBlock[]; axis: Axis }) {
  const [turned, setTurned] = useState<Turned | null>(null);
  const latest = useRef<Turned | null>(null);
  const timer = useRef(0);
  latest.current = turned;
  const save = () => {
    window.clearTimeout(timer.current);
    const now = latest.current;
    if (now === null) return;
    const index = blocks.findIndex((block) => block.key === now.key);
    const block = blocks[index];
    if (block && block.energy !== now.energy) change((draft) => changeBlock(draft, index, { energy: now.energy }), `Energy of ${block.name} is ${percent(now.energy)}.`);
    setTurned(null);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const turn = (block: DraftBlock, energy: number, isDragged: boolean) => {
    const next = { key: block.key, energy: bounded(energy), isDragged };
    latest.current = next;
    setTurned(next);
  };
  const energyOf = (block: DraftBlock): number => (turned?.key === block.key ? turned.energy : block.energy);
  const points = blocks.map((block, index) => ({ x: axis.places[index]!.left + axis.places[index]!.width / 2, y: yOf(energyOf(block)) }));
  return (
    <div class="arc-row" style={{ height: ARC_PX }}>
      <svg width={axis.width} height={ARC_PX} aria-hidden="true">
        <path class="arc-area" d={`${curve(points, axis.width)} L${axis.width} ${ARC_PX} L0 ${ARC_PX} Z`} />
        <path class="arc-line" d={curve(points, axis.width)} />
      </svg>
      {blocks.map((block, index) => (
        <div
          key={block.key}
          class="arc-point"
          role="slider"
          tabIndex={0}
          aria-label={`Energy of ${block.name}`}
          aria-orientation="vertical"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent(energyOf(block))}
          aria-disabled={!canEdit.value}
          data-testid={`energy-${index}`}
          title={`Energy of ${block.name}: ${percent(energyOf(block))}`}
          style={{ left: points[index]!.x, top: points[index]!.y }}
          onPointerDown={(event) => {
            if (event.button !== 0 || !canEdit.peek()) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            turn(block, block.energy, true);
          }}
          onPointerMove={(event) => {
            if (!latest.current?.isDragged || latest.current.key !== block.key) return;
            const top = event.currentTarget.parentElement!.getBoundingClientRect().top;
            turn(block, 1 - (event.clientY - top - EDGE_PX) / (ARC_PX - 2 * EDGE_PX), true);
          }}
          onPointerUp={save}
          onPointerCancel={() => setTurned(null)}
          onBlur={() => { if (latest.current?.key === block.key && !latest.current.isDragged) save(); }}
          onKeyDown={(event) => {
            const by = KEY_STEPS[event.key];
            if (by === undefined || event.altKey || event.ctrlKey || !canEdit.peek()) return;
            event.preventDefault();
            turn(block, energyOf(block) + by * (event.shiftKey ? 5 : 1), false);
            window.clearTimeout(timer.current);
            timer.current = window.setTimeout(save, KEYS_REST_MS);
          }}
        >
          <span aria-hidden="true">{percent(energyOf(block))}</span>
        </div>
      ))}
    </div>
  );
}

/** A smooth line through the points that is flat before the first and after the last. */
function curve(points: readonly { x: number; y: number }[], width: number): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return "M0 0";
  const bends = points.slice(1).map(({ x, y }, index) => {
    const before = points[index]!;
    const middle = (before.x + x) / 2;
    return `C${middle} ${before.y} ${middle} ${y} ${x} ${y}`;
  });
  return `M0 ${first.y} L${first.x} ${first.y} ${bends.join(" ")} L${width} ${last.y}`;
}
