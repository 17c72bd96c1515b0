// What the keys do, one function each. In the comparison they act on the candidate that is heard.
import { player } from "../audio/player";
import type { Candidate } from "../types";
import { announce } from "./announce";
import { blind } from "./blind";
import { comparedCandidates, isComparing, openComparison, toggleCompared } from "./compare";
import { askSearch, closeDialog, openDialog } from "./dialogs";
import { redo, undo } from "./history";
import { approve, nameOf, rate, setStatus, wishFor } from "./judging";
import { whyNoMarks } from "./permission";
import { inContext } from "./scenes";
import { selected, selectedId, stageDocument, visibleCandidates } from "./stage_document";

export const nothing = (): void => undefined;

/** The candidate a key speaks of. */
export function current(): Candidate | null {
  if (!isComparing.peek()) return selected.peek();
  return comparedCandidates.peek()[player.state.peek().choice] ?? null;
}

function withCurrent(action: (candidate: Candidate) => void): void {
  const candidate = current();
  if (candidate) action(candidate);
  else announce("No candidate is selected; j selects the first.");
}

function step(by: 1 | -1): void {
  const list = visibleCandidates.peek();
  const place = list.findIndex((one) => one.id === selectedId.peek());
  const next = place < 0 ? (by > 0 ? 0 : list.length - 1) : place + by;
  const candidate = list[next];
  if (!candidate) {
    announce(list.length === 0 ? "There is no candidate." : by > 0 ? "This is the last one." : "This is the first one.");
    return;
  }
  selectedId.value = candidate.id;
  announce(`${nameOf(candidate)}, ${candidate.section} ${candidate.variant}, ${candidate.status}, ${next + 1} of ${list.length}`);
}
export const next = (): void => step(1);
export const previous = (): void => step(-1);

export function playOrPause(): void {
  if (player.state.peek().scene === null && selected.peek() === null) next();
  void player.toggle();
}
export function toggleContext(): void {
  inContext.value = !inContext.peek();
  announce(inContext.peek() ? "In context." : "Alone.");
}
function ofStage(action: (stage: NonNullable<typeof stageDocument.value>["stage"]) => void): void {
  const stage = stageDocument.peek()?.stage;
  if (stage) action(stage);
}
export const toggleMute = (): void => ofStage((stage) => player.mute(stage, !player.state.peek().muted.has(stage)));
export const toggleSolo = (): void => ofStage((stage) => player.soloed(stage, !player.state.peek().solo.has(stage)));

export const approveIt = (): void => withCurrent(approve);
export const rejectIt = (): void => withCurrent((one) => setStatus(one, "rejected"));
export const leaveOpen = (): void => withCurrent((one) => setStatus(one, "undecided"));
export const stars = (key: string): void => withCurrent((one) => rate(one, Number(key)));
export const noStars = (): void => withCurrent((one) => rate(one, null));
export const wishMore = (): void => withCurrent((one) => wishFor(one, "more"));
export const wishLess = (): void => withCurrent((one) => wishFor(one, "less"));

export const editLabel = (): void => withCurrent((one) => focusField("label", one));
export const editNotes = (): void => withCurrent((one) => focusField("notes", one));

/** Put the cursor into a field of a candidate; where it stands twice, into the one that is in front. */
function focusField(field: "label" | "notes", candidate: Candidate): void {
  if (whyNoMarks.peek()) announce(whyNoMarks.peek()!);
  const found = [...document.querySelectorAll<HTMLElement>(`[data-${field}-of]`)].filter(
    (one) => one.dataset[`${field}Of`] === candidate.id && one.checkVisibility(),
  );
  const dialog = document.querySelector("dialog[open]");
  const target = found.find((one) => !dialog || dialog.contains(one)) ?? found[0];
  target?.focus();
  if (target instanceof HTMLInputElement) target.select();
}

export function toggleBlind(): void {
  blind.value = !blind.peek();
  const [first] = visibleCandidates.peek();
  if (blind.peek() && first) selectedId.value = first.id;
  announce(blind.peek() ? "Blind mode: shuffled, scores hidden until judged." : "Blind mode ended; everything is shown.");
}
function ofSong(action: (song: string) => void): void {
  const song = stageDocument.peek()?.song;
  if (song !== undefined) action(song);
}
export const undoIt = (): void => ofSong(undo);
export const redoIt = (): void => ofSong(redo);

export const toggleInComparison = (): void => withCurrent((one) => toggleCompared(one.id));
export function compare(): void {
  if (isComparing.peek()) closeDialog();
  else openComparison();
}
export const choose = (key: string): void => chooseAt(Number(key) - 1);
export const nextChoice = (): void => chooseAt((player.state.peek().choice + 1) % comparedCandidates.peek().length);
export const previousChoice = (): void =>
  chooseAt((player.state.peek().choice + comparedCandidates.peek().length - 1) % comparedCandidates.peek().length);
export function chooseAt(index: number): void {
  const candidate = comparedCandidates.peek()[index];
  if (!candidate) return;
  player.choose(index);
  announce(`${"ABCD"[index]}: ${nameOf(candidate)}`);
}
/** Approve the one that is heard, and leave the others as they are. */
export const preferIt = (): void => withCurrent(approve);

/** To the explanation beside the list, and back to the candidate. */
export function showWhy(): void {
  const why = document.querySelector<HTMLElement>("main .why");
  if (why === null) {
    announce("What the scorer says is shown once it is judged.");
  } else if (why.contains(document.activeElement)) {
    document.querySelector<HTMLElement>(".candidate[aria-current]")?.focus();
  } else {
    why.tabIndex = -1;
    const panel = why.closest<HTMLElement>(".details-panel"); // only this panel may scroll, not what holds it
    if (panel) panel.scrollTop += why.getBoundingClientRect().top - panel.getBoundingClientRect().top;
    why.focus({ preventScroll: true });
  }
}
export const evolve = (): void => ofStage((stage) => askSearch("evolve", stage));
export const regenerate = (): void => ofStage((stage) => askSearch("regenerate", stage));
export const promote = (): void => void (openDialog.value = "promote");
export const showCheatSheet = (): void => void (openDialog.value = "cheat-sheet");
