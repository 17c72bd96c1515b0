// The list of candidates: a feed of which only the cards near the viewport exist, however many there are.
import { signal, useSignalEffect } from "@preact/signals";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { wantRolls } from "../state/rolls";
import { selectedId, stageDocument, view, visibleCandidates } from "../state/stage_document";
import type { Candidate, SongCard, StageName } from "../types";
import { CandidateCard, ROLL_PX } from "./candidate_card";
import { sounding } from "./playhead";
import { watchWidth } from "./roll";
import { fromMiddle, scrollToRow, spanOf } from "./virtual_window";

const CARD_PX = ROLL_PX + 136; // as .candidate in stage.css
const ROW_PX = CARD_PX + 10;
const SPARE = 3; // cards kept on either side of the viewport
const SPARE_ROLLS = 6;
const INSET_PX = 26; // padding and border of a card, left and right together

interface Viewport { top: number; height: number }

export function CandidateList({ song, stage, id }: { song: SongCard | undefined; stage: StageName; id: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [viewport, setViewport] = useState<Viewport>({ top: 0, height: 900 });
  const [width, setWidth] = useState(0);
  const list = visibleCandidates.value;
  const chosen = selectedId.value;
  const playing = sounding.value;
  const span = spanOf(viewport.top, viewport.height, ROW_PX, list.length, SPARE);

  const measure = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop, clientHeight } = element;
    setViewport((before) => (sameRows(before, scrollTop, clientHeight) ? before : { top: scrollTop, height: clientHeight }));
  }, []);
  useLayoutEffect(() => {
    if (scroller.current === null) return undefined;
    measure();
    return watchWidth(scroller.current, (wide) => {
      setWidth(wide - INSET_PX);
      measure();
    });
  }, []);
  useAnchor(scroller, list, measure);
  useSelection(list);
  useShowSelected(scroller);
  useEffect(() => {
    const near = spanOf(viewport.top, viewport.height, ROW_PX, list.length, SPARE_ROLLS);
    wantRolls(id, stage, fromMiddle(near).map((place) => list[place]!).filter((one) => one.exists).map((one) => one.id));
  }, [list, viewport, id, stage, rollsEpoch.value]);

  const select = useCallback((candidate: string) => void (selectedId.value = candidate), []);
  const places: number[] = [];
  for (let place = span.first; place <= span.last; place += 1) places.push(place);
  const chosenPlace = chosen === null ? -1 : list.findIndex((one) => one.id === chosen);
  if (chosenPlace >= 0 && !places.includes(chosenPlace)) places.push(chosenPlace); // it may have the focus
  return (
    <div ref={scroller} class="candidate-scroller" onScroll={measure} data-testid="candidate-list">
      <h2 class="visually-hidden">Candidates</h2>
      <div class="candidates" role="feed" aria-label={`Candidates, ${stage}`} aria-busy={stageDocument.value === null} style={{ height: list.length * ROW_PX }}>
        {width > 0 && places.map((place) => {
          const candidate = list[place]!;
          return (
            <CandidateCard
              key={candidate.id} candidate={candidate} song={id} stage={stage} musicalKey={song?.key ?? ""} hex={song?.hex ?? null}
              place={place + 1} count={list.length} top={place * ROW_PX} width={width} isSelected={place === chosenPlace}
              isHeard={playing.has(`${id}/${stage}/${candidate.id}`)} onSelect={select}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Raised when files of the stage changed, so that rolls in view are asked for again. */
export const rollsEpoch = signal(0);

const sameRows = (before: Viewport, top: number, height: number): boolean =>
  before.height === height && Math.floor(before.top / ROW_PX) === Math.floor(top / ROW_PX) &&
  Math.floor((before.top + height) / ROW_PX) === Math.floor((top + height) / ROW_PX);

/** When the list changes by itself, what was at the top of the viewport (or is selected and in it) stays where it was. */
function useAnchor(scroller: { current: HTMLDivElement | null }, list: Candidate[], measure: () => void) {
  const before = useRef<Candidate[]>(list);
  const settings = useRef(view.peek());
  useLayoutEffect(() => {
    const element = scroller.current;
    const old = before.current;
    before.current = list;
    const isWished = settings.current !== view.peek(); // the person filters or sorts: begin at the top, or at what is selected
    settings.current = view.peek();
    if (element === null || old === list) return;
    const anchor = anchorOf(old, element);
    const was = old.findIndex((one) => one.id === anchor);
    const is = list.findIndex((one) => one.id === (isWished ? selectedId.peek() : anchor));
    if (isWished) element.scrollTop = is < 0 ? 0 : is * ROW_PX;
    else if (is >= 0 && was >= 0 && is !== was) element.scrollTop += (is - was) * ROW_PX;
    measure();
  }, [list]);
}

function anchorOf(list: Candidate[], element: HTMLElement): string | null {
  const { first, last } = spanOf(element.scrollTop, element.clientHeight, ROW_PX, list.length, 0);
  const chosen = selectedId.peek();
  const inView = list.slice(first, last + 1);
  return (inView.find((one) => one.id === chosen) ?? inView[0])?.id ?? null;
}

/** Something that is shown is selected: when the selected one falls out of the list, the one that takes its place is. */
function useSelection(list: Candidate[]) {
  const before = useRef<Candidate[]>(list);
  useEffect(() => {
    const old = before.current;
    before.current = list;
    const chosen = selectedId.peek();
    if (list.length === 0 || list.some((one) => one.id === chosen)) return;
    if (isWriting()) return; // a note is finished first
    const place = old.findIndex((one) => one.id === chosen);
    selectedId.value = list[Math.max(0, Math.min(place, list.length - 1))]!.id;
  }, [list]);
}

const isWriting = (): boolean => document.activeElement?.closest("textarea, input[type=text]") != null;

/** A new selection is scrolled to, and focused unless the person is in a field or a dialog. */
function useShowSelected(scroller: { current: HTMLDivElement | null }) {
  const shown = useRef<string | null>(null);
  useSignalEffect(() => {
    const chosen = selectedId.value;
    const element = scroller.current;
    if (chosen === shown.current || element === null) return;
    const isFirst = shown.current === null; // chosen by the page itself: the focus stays with a link that led here
    shown.current = chosen;
    const place = visibleCandidates.peek().findIndex((one) => one.id === chosen);
    if (place < 0) return;
    const top = scrollToRow(element.scrollTop, element.clientHeight, ROW_PX, place, 4);
    if (top !== element.scrollTop) element.scrollTop = top;
    requestAnimationFrame(() => takeFocus(element, chosen!, isFirst));
  });
}

function takeFocus(element: HTMLElement, id: string, isFirst: boolean, tries = 10): void {
  const now = document.activeElement;
  const card = element.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
  if (!card && tries > 0) return void requestAnimationFrame(() => takeFocus(element, id, isFirst, tries - 1)); // not drawn yet
  const isFree = now === null || now === document.body || now.id === "main" || (!isFirst && now.closest("input, textarea, select, dialog, [contenteditable]") === null);
  if (isFree && card && !card.contains(now)) card.focus({ preventScroll: true });
}
