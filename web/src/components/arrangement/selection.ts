// Which block is spoken of, and where the keyboard is: both follow a block wherever it is moved.
import { computed, signal } from "@preact/signals";
import { canEdit, change, draft } from "../../state/arrangement";
import { moveBlock, removeBlock, repeatBlock } from "../../state/arrangement_edits";

const chosenKey = signal<string | null>(null);
/** Block whose button takes the focus as soon as it is drawn. */
export const focusWanted = signal<string | null>(null);

/** Index of the chosen block, the first one when there is none. */
export const chosenIndex = computed(() => Math.max(0, draft.value?.blocks.findIndex((block) => block.key === chosenKey.value) ?? 0));
export const chosenBlock = computed(() => draft.value?.blocks[chosenIndex.value] ?? null);

export function choose(index: number, andFocus = false): void {
  const key = draft.peek()?.blocks[index]?.key;
  if (key === undefined) return;
  chosenKey.value = key;
  if (andFocus) focusWanted.value = key;
}

/** Move a block to where `to` is when it is gone. */
export function move(from: number, to: number): void {
  const blocks = draft.peek()?.blocks ?? [];
  const block = blocks[from];
  if (!canEdit.peek() || !block || to < 0 || to >= blocks.length || to === from) return;
  const next = blocks.filter((_, index) => index !== from)[to];
  change((now) => moveBlock(now, from, to), `${block.name} moved ${next ? `before ${next.name}` : "to the end"}, now block ${to + 1} of ${blocks.length}.`);
  choose(to, true);
}

export function repeat(index: number): void {
  const name = draft.peek()?.blocks[index]?.name;
  if (!canEdit.peek() || name === undefined) return;
  change((now) => repeatBlock(now, index), `${name} repeated.`);
  choose(index + 1, true);
}

export function remove(index: number): void {
  const blocks = draft.peek()?.blocks ?? [];
  const block = blocks[index];
  if (!canEdit.peek() || !block || blocks.length < 2) return;
  change((now) => removeBlock(now, index), `${block.name} removed.`);
  choose(Math.min(index, blocks.length - 2), true);
}
