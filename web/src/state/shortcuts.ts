// Every key of the stage view in one table: the handler and the cheat sheet both come from it.
import { signal } from "@preact/signals";
import * as act from "./actions";
import { openDialog, type DialogName } from "./dialogs";

export type Group = "Listen" | "Judge" | "Compare" | "Work";
/** keys: values of KeyboardEvent.key, letters in lower case; "Shift+" and "Mod+" (Ctrl or ⌘) in front where they matter. */
export interface Shortcut {
  keys: readonly string[];
  shown: string; // as the cheat sheet writes the keys
  group: Group;
  text: string;
  run: (key: string) => void;
  inComparison?: boolean | ((key: string) => void); // true: the same there; a function: what it does there; else nothing
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ["j", "arrowdown"], shown: "j or ↓", group: "Listen", text: "Next candidate; it sounds if something plays", run: act.next, inComparison: act.nextChoice },
  { keys: ["k", "arrowup"], shown: "k or ↑", group: "Listen", text: "Previous candidate", run: act.previous, inComparison: act.previousChoice },
  { keys: [" "], shown: "Space", group: "Listen", text: "Play or pause", run: act.playOrPause, inComparison: true },
  { keys: ["c"], shown: "c", group: "Listen", text: "Alone, or with everything approved in its section", run: act.toggleContext, inComparison: true },
  { keys: ["m"], shown: "m", group: "Listen", text: "Mute this stage", run: act.toggleMute, inComparison: true },
  { keys: ["s"], shown: "s", group: "Listen", text: "Hear only this stage", run: act.toggleSolo, inComparison: true },
  { keys: ["a"], shown: "a", group: "Judge", text: "Approve, with the next free label if it has none", run: act.approveIt, inComparison: true },
  { keys: ["r"], shown: "r", group: "Judge", text: "Reject", run: act.rejectIt, inComparison: true },
  { keys: ["u"], shown: "u", group: "Judge", text: "Undecided", run: act.leaveOpen, inComparison: true },
  { keys: ["1", "2", "3", "4", "5"], shown: "1 … 5", group: "Judge", text: "Stars", run: act.stars, inComparison: act.choose },
  { keys: ["0"], shown: "0", group: "Judge", text: "No stars", run: act.noStars, inComparison: true },
  { keys: ["l"], shown: "l", group: "Judge", text: "Label: type it, then Enter", run: act.editLabel, inComparison: true },
  { keys: ["n"], shown: "n", group: "Judge", text: "Note: type it, then Escape or Ctrl+Enter", run: act.editNotes, inComparison: true },
  { keys: ["+", "="], shown: "+", group: "Judge", text: "More like this, next time", run: act.wishMore, inComparison: true },
  { keys: ["-"], shown: "-", group: "Judge", text: "Less like this, next time", run: act.wishLess, inComparison: true },
  { keys: ["b"], shown: "b", group: "Judge", text: "Blind mode on or off", run: act.toggleBlind, inComparison: true },
  { keys: ["z", "Mod+z"], shown: "z or Ctrl+Z", group: "Judge", text: "Undo", run: act.undoIt, inComparison: true },
  { keys: ["Shift+z", "Mod+Shift+z", "Mod+y"], shown: "Shift+Z or Ctrl+Shift+Z", group: "Judge", text: "Redo", run: act.redoIt, inComparison: true },
  { keys: ["x"], shown: "x", group: "Compare", text: "Into the comparison, or out of it", run: act.toggleInComparison, inComparison: true },
  { keys: ["Shift+x"], shown: "Shift+X", group: "Compare", text: "Open or close the comparison; there 1 … 4 switch", run: act.compare, inComparison: true },
  { keys: ["arrowright"], shown: "→", group: "Compare", text: "In the comparison: hear the next one", run: act.nothing, inComparison: act.nextChoice },
  { keys: ["arrowleft"], shown: "←", group: "Compare", text: "In the comparison: hear the one before", run: act.nothing, inComparison: act.previousChoice },
  { keys: ["Shift+1", "Shift+2", "Shift+3", "Shift+4", "Shift+5"], shown: "Shift+1 … 5", group: "Compare", text: "In the comparison: stars for the one that is heard", run: act.nothing, inComparison: act.stars },
  { keys: ["y"], shown: "y", group: "Compare", text: "In the comparison: prefer the one that is heard", run: act.nothing, inComparison: act.preferIt },
  { keys: ["w"], shown: "w", group: "Work", text: "Why the scorer says what it says; again: back", run: act.showWhy },
  { keys: ["e"], shown: "e", group: "Work", text: "Evolve: children of what you liked", run: act.evolve },
  { keys: ["g"], shown: "g", group: "Work", text: "Regenerate: others, under a new seed", run: act.regenerate },
  { keys: ["p"], shown: "p", group: "Work", text: "Promote what is approved", run: act.promote },
  { keys: ["?"], shown: "?", group: "Work", text: "This sheet", run: act.showCheatSheet },
];

const KEPT = "whitelight.keys";
/** Whether single keys act. Speech input types letters, so they can be switched off; buttons do everything keys do. */
export const keysOn = signal(kept());

function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) !== "0";
  } catch {
    return true;
  }
}

export function switchKeys(on: boolean): void {
  keysOn.value = on;
  try {
    localStorage.setItem(KEPT, on ? "1" : "0");
  } catch {
    // storage is off: the choice lasts as long as the page
  }
}

/** The key as the table writes it. Digits count by their place on the keyboard, so that Shift+1 is one everywhere. */
export function written(event: Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey">): string {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
  const isDigit = digit !== undefined && (event.shiftKey || /^\d$/.test(event.key));
  const key = isDigit ? digit : event.key.toLowerCase();
  const hasShift = event.shiftKey && (isDigit || /^\p{L}$/u.test(key)); // "?" and "+" need Shift to be typed at all
  return `${event.ctrlKey || event.metaKey ? "Mod+" : ""}${hasShift ? "Shift+" : ""}${key}`;
}

const TEXT_INPUTS = "input:not([type=checkbox], [type=radio], [type=button], [type=range]), textarea, [contenteditable], [role=textbox]";
const ARROW_USERS = "select, input[type=radio], input[type=range], [role=slider], [role=listbox], [role=tablist], [role=menu]";
const PRESSED_BY_SPACE = "button, summary, input[type=checkbox], input[type=radio], select";

/** Whether the element with the focus wants this key for itself. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (target === null) return false;
  if (target.closest(TEXT_INPUTS)) return true;
  if (target.closest(ARROW_USERS) && (event.key.startsWith("Arrow") || target.matches("select"))) return true;
  return event.key === " " && target.matches(PRESSED_BY_SPACE) && target !== clicked;
}

let clicked: Element | null = null; // a button that has the focus because it was clicked: Space plays, it does not press it again

function onPointer(event: Event): void {
  clicked = event.target instanceof Element ? event.target.closest("button") : null;
}
function onFocus(event: Event): void {
  if (event.target !== clicked) clicked = null;
}
function onKeyUp(event: KeyboardEvent): void {
  if (event.key === " " && clicked !== null && event.target === clicked) event.preventDefault(); // some browsers press on the way up
}

/** Dialogs keep their keys to themselves; the comparison is listened and judged in. */
function isShut(dialog: DialogName | null): boolean {
  return dialog !== null && dialog !== "compare";
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing || isTaken(event)) return;
  const dialog = openDialog.peek();
  const key = written(event);
  const shortcut = SHORTCUTS.find((one) => one.keys.includes(key));
  if (!shortcut || (!keysOn.peek() && key.length === 1 && key !== "?") || isShut(dialog) || foreignDialog()) return;
  const { run, inComparison } = shortcut;
  const action = dialog !== "compare" ? run : inComparison === true ? run : inComparison || null;
  if (!action || action === act.nothing) return;
  event.preventDefault();
  if (!event.repeat || key === "j" || key === "k" || key.startsWith("arrow")) action(key.at(-1)!);
}

/** A dialog of another part of the page is open. */
function foreignDialog(): boolean {
  return document.querySelector("dialog[open]:not([data-judging])") !== null || document.querySelector("dialog[data-conflict][open]") !== null;
}

/** Listen for keys until the returned function is called. */
export function listenForKeys(): () => void {
  const listeners = { keydown: onKey, keyup: onKeyUp, pointerdown: onPointer, focusin: onFocus };
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener as EventListener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener as EventListener);
  };
}
