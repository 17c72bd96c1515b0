// A drawn roll. Canvases are lent from a small pool: scrolling through a thousand rolls makes a few dozen of them.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { rollState } from "../state/rolls";
import { theme } from "../state/theme";
import type { Roll as RollData, StageName } from "../types";
import { pixelRatio, rollPalette } from "./palette";
import { followHead, heard } from "./playhead";
import { drawRoll, readKey, tickToX, xToTick } from "./roll_drawing";
import { describeRoll } from "./roll_text";
import { player } from "./slots";

interface RollProps {
  song: string; stage: StageName; id: string;
  musicalKey: string; // of the song, "F# minor": shades the rows
  hex: string | null; // of the song's color: what notes wear
  height: number;
  width?: number; // CSS pixels; measured when it is not known
}

/** The notes of a candidate; somebody must ask for them (`wantRolls`). */
export function CandidateRoll(props: RollProps) {
  const { roll, problem } = rollState(props.song, props.stage, props.id).value;
  if (problem) return <p class="roll roll-note problem" style={{ height: props.height }}>{problem}</p>;
  if (roll === null) return <div class="roll roll-note" style={{ height: props.height }} aria-busy="true"><span class="muted small">Reading the notes …</span></div>;
  return <RollPicture {...props} roll={roll} heardAs={`${props.song}/${props.stage}/${props.id}`} />;
}

/** Any roll as a picture, with a cursor while the part named `heardAs` is heard; a click there moves the cursor. */
export function RollPicture({ roll, heardAs, musicalKey, hex, height, width: given }: Omit<RollProps, "song" | "stage" | "id"> & { roll: RollData; heardAs: string }) {
  const holder = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [measured, setMeasured] = useState(0);
  const width = given ?? measured;
  const key = useMemo(() => readKey(musicalKey), [musicalKey]);
  const ratio = pixelRatio.value;
  const chosen = theme.value;
  const palette = rollPalette(hex);
  useEffect(() => (given === undefined && holder.current ? watchWidth(holder.current, setMeasured) : undefined), [given]);
  useLayoutEffect(() => (holder.current && width > 0 ? lendCanvas(holder.current) : undefined), [width > 0]);
  useLayoutEffect(() => {
    const canvas = holder.current?.querySelector("canvas");
    if (canvas) paint(canvas, width, height, ratio, (context) => drawRoll(context, roll, width, height, palette, key));
  }, [roll, width, height, ratio, chosen, palette, key]);
  useLayoutEffect(() => {
    const place = (tick: number) => (tick <= roll.end_tick ? tickToX(tick, roll, width) : null);
    return head.current ? followHead({ element: head.current, name: heardAs, place }) : undefined;
  }, [roll, width, heardAs]);
  const seek = (event: MouseEvent) => {
    if (!heard.peek().has(heardAs)) return;
    player.seek(xToTick(event.offsetX, roll, width));
  };
  return (
    <div ref={holder} class="roll" style={{ height }} role="img" aria-label={describeRoll(roll, key)} onClick={seek}>
      <div ref={head} class="playhead" hidden />
    </div>
  );
}

const pool: HTMLCanvasElement[] = [];

function lendCanvas(holder: HTMLElement): () => void {
  const canvas = pool.pop() ?? document.createElement("canvas");
  holder.prepend(canvas);
  return () => {
    canvas.remove();
    if (pool.length < 40) pool.push(canvas);
  };
}

/** Set the size only when it differs: that alone would clear and allocate anew. */
function paint(canvas: HTMLCanvasElement, width: number, height: number, ratio: number, draw: (context: CanvasRenderingContext2D) => void): void {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d", { alpha: false });
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  draw(context);
}

const widths = new Map<Element, (width: number) => void>();
const observer = new ResizeObserver((entries) => {
  for (const entry of entries) widths.get(entry.target)?.(Math.floor(entry.contentRect.width));
});

/** Be told the width of an element in CSS pixels, now and whenever it changes. */
export function watchWidth(element: Element, told: (width: number) => void): () => void {
  widths.set(element, told);
  observer.observe(element);
  return () => {
    widths.delete(element);
    observer.unobserve(element);
  };
}
