// The blocks: as wide as their bars, colored and patterned by section, dragged or moved by keys.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { canEdit } from "../../state/arrangement";
import type { DraftBlock } from "../../state/arrangement_edits";
import { dropIndex, gapAt, type Axis } from "./geometry";
import { choose, chosenIndex, focusWanted, move, remove } from "./selection";
import { blockText, sectionPlace } from "./words";

const DRAGGED_PX = 6; // less is a click
const HINT = "arrangement-keys";

interface Drag { from: number; start: number; by: number; to: number }

export function Blocks({ blocks, axis, sections }: { blocks: readonly DraftBlock[]; axis: Axis; sections: readonly string[] }) {
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const wanted = focusWanted.value;
  useLayoutEffect(() => {
    if (wanted === null) return;
    list.current?.querySelector<HTMLElement>(`[data-key="${wanted}"]`)?.focus();
    focusWanted.value = null;
  }, [wanted, blocks]);
  const isMoved = drag !== null && Math.abs(drag.by) >= DRAGGED_PX;
  const dragged = (event: PointerEvent) => {
    if (drag === null) return;
    const left = list.current!.getBoundingClientRect().left;
    setDrag({ ...drag, by: event.clientX - drag.start, to: dropIndex(axis, drag.from, event.clientX - left) });
    scrollAlong(list.current!, event.clientX);
  };
  const dropped = () => {
    if (drag !== null && isMoved) move(drag.from, drag.to);
    setDrag(null);
  };
  return (
    <>
      <p id={HINT} class="visually-hidden">Alt with ← or → moves the block, Delete removes it, ← and → go to its neighbors.</p>
      <ol ref={list} class="blocks" aria-label="Blocks of the song" data-testid="blocks">
        {blocks.map((block, index) => (
          <li key={block.key} style={{ left: axis.places[index]!.left, width: axis.places[index]!.width }}>
            <button
              type="button"
              class={`block section-${sectionPlace(sections, block.section)}${isMoved && drag!.from === index ? " dragged" : ""}`}
              data-key={block.key}
              data-testid={`block-${index}`}
              aria-label={blockText(block, index, blocks.length)}
              aria-current={chosenIndex.value === index ? "true" : undefined}
              aria-describedby={HINT}
              tabIndex={chosenIndex.value === index ? 0 : -1}
              title={`${block.name}: ${block.section}, ${block.bars} bars, energy ${Math.round(block.energy * 100)}`}
              style={isMoved && drag!.from === index ? { transform: `translateX(${drag!.by}px)` } : undefined}
              onClick={() => choose(index)}
              onFocus={() => choose(index)}
              onKeyDown={(event) => keyed(event, index, blocks.length, () => setDrag(null))}
              onPointerDown={(event) => {
                if (event.button !== 0 || !canEdit.peek()) return;
                event.currentTarget.setPointerCapture(event.pointerId);
                setDrag({ from: index, start: event.clientX, by: 0, to: index });
              }}
              onPointerMove={dragged}
              onPointerUp={dropped}
              onPointerCancel={() => setDrag(null)}
            >
              <span class="block-name">{block.name}</span>{" "}
              <span class="block-facts">{`${block.name === block.section ? "" : `${block.section}, `}${block.bars}`}</span>
            </button>
          </li>
        ))}
        {isMoved && drag!.to !== drag!.from && <li class="gap" aria-hidden="true" style={{ left: gapAt(axis, drag!.from, drag!.to) }} />}
      </ol>
    </>
  );
}

function keyed(event: KeyboardEvent, index: number, n_blocks: number, cancel: () => void): void {
  const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  if (event.key === "Escape") cancel();
  else if (by !== 0 && event.altKey) move(index, index + by);
  else if (by !== 0) choose(Math.min(Math.max(0, index + by), n_blocks - 1), true);
  else if (event.key === "Home" || event.key === "End") choose(event.key === "Home" ? 0 : n_blocks - 1, true);
  else if (event.key === "Delete" || event.key === "Backspace") remove(index);
  else return;
  event.preventDefault(); // Alt with an arrow would go back in the browser's history
}

/** While a block is dragged to an edge, what lies beyond comes into view. */
function scrollAlong(inside: HTMLElement, x: number): void {
  const scroller = inside.closest<HTMLElement>(".timeline");
  const box = scroller?.getBoundingClientRect();
  if (!scroller || !box) return;
  if (x > box.right - 40) scroller.scrollLeft += 14;
  else if (x < box.left + 240) scroller.scrollLeft -= 14;
}
