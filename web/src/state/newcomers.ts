// Candidates that appeared while the stage was open, whoever composed them: marked "new" until they are selected or judged.
import { computed, effect, signal } from "@preact/signals";
import { announce } from "./announce";
import { isJudged } from "./blind";
import { candidateOf, selectedId, stageDocument } from "./stage_document";

const appeared = signal<ReadonlySet<string>>(new Set());
let place = "";
let known = new Set<string>();

/** Ids of candidates nobody has looked at yet. */
export const newIds = computed<ReadonlySet<string>>(() => {
  const open = stageDocument.value;
  const fresh = (open?.candidates ?? []).filter((one) => appeared.value.has(one.id) && !isJudged(one));
  return new Set(fresh.map((one) => one.id));
});
export const isNew = (id: string): boolean => newIds.value.has(id);

effect(() => {
  const open = stageDocument.value;
  if (open === null) return;
  const here = `${open.song}/${open.stage}`;
  const ids = open.candidates.map((one) => one.id);
  const isFirst = here === place && known.size === 0 && ids.length > 0; // all of them are new: no mark would tell anything
  const fresh = here === place && !isFirst ? ids.filter((id) => !known.has(id)) : [];
  if (here !== place) appeared.value = new Set();
  else if (isFirst) announce(ids.length === 1 ? "1 candidate." : `${ids.length} candidates.`);
  else if (fresh.length > 0) {
    appeared.value = new Set([...appeared.peek(), ...fresh]);
    announce(fresh.length === 1 ? "1 new candidate." : `${fresh.length} new candidates.`);
  }
  place = here;
  known = new Set(ids);
});

effect(() => {
  const id = selectedId.value;
  if (id === null || !appeared.peek().has(id)) return;
  appeared.value = new Set([...appeared.peek()].filter((one) => one !== id));
});

/** Select the first new candidate. */
export function goToNew(): void {
  const [first] = newIds.peek();
  if (first !== undefined && candidateOf(first)) selectedId.value = first;
}
