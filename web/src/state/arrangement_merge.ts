// My changes on top of theirs: three versions in, one out. Where both changed one thing, mine counts, since I asked for it.
import type { ArrangedBlock, ArrangementDocument, StageName } from "../types";
import { draftOf, identities, type Draft, type DraftBlock } from "./arrangement_edits";

/** Lay what changed from `base` to `mine` over `theirs`. `origin` in mine points into base, in the result into theirs. */
export function mergeDrafts(base: ArrangementDocument, mine: Draft, theirs: ArrangementDocument): Draft {
  const shown = draftOf(theirs, mine.blocks);
  const there = new Map(identities(theirs.blocks).map((identity, place) => [identity, place]));
  const names = identities(base.blocks);
  const placeIn = (place: number | null): number | null => (place === null ? null : (there.get(names[place]!) ?? null));
  const order = isReordered(mine) ? mine.blocks : inTheirOrder(mine.blocks, placeIn);
  const blocks: DraftBlock[] = [];
  for (const block of order) {
    const before = block.origin === null ? null : base.blocks[block.origin]!;
    const place = placeIn(block.origin);
    if (before && place === null && !isChanged(before, block)) continue; // they removed it, and I did nothing to it
    blocks.push(before && place !== null ? { ...mergedBlock(before, block, shown.blocks[place]!), key: block.key, origin: place } : { ...block, origin: place });
  }
  const kept = new Set(base.blocks.map((_, place) => placeIn(place)));
  theirs.blocks.forEach((_, place) => {
    if (!kept.has(place)) insertBehind(blocks, shown.blocks[place]!, place);
  });
  return { blocks, mix: mergedMix(base.mix, mine.mix, theirs.mix), ending: mine.ending === base.ending ? theirs.ending : mine.ending };
}

function isReordered(mine: Draft): boolean {
  const places = mine.blocks.flatMap(({ origin }) => (origin === null ? [] : [origin]));
  return places.some((place, index) => index > 0 && places[index - 1]! > place);
}

/** Blocks I left in their order follow the order they have now; new ones stay behind the block they were put behind. */
function inTheirOrder(blocks: readonly DraftBlock[], placeIn: (place: number | null) => number | null): DraftBlock[] {
  let last = -1;
  const ranked = blocks.map((block) => ({ block, rank: (last = placeIn(block.origin) ?? last) }));
  return ranked.sort((a, b) => a.rank - b.rank).map(({ block }) => block);
}

function isChanged(before: ArrangedBlock, block: ArrangedBlock): boolean {
  const { name, section, bars, energy } = block;
  return name !== before.name || section !== before.section || bars !== before.bars || energy !== before.energy || stagesChanged(before, block).length > 0;
}

function stagesChanged(before: ArrangedBlock, block: ArrangedBlock): StageName[] {
  return (Object.keys(block.parts) as StageName[]).filter((stage) => block.parts[stage] !== before.parts[stage]);
}

function mergedBlock(before: ArrangedBlock, mine: DraftBlock, theirs: DraftBlock): DraftBlock {
  const merged: DraftBlock = { ...theirs, parts: { ...theirs.parts } };
  if (mine.name !== before.name) merged.name = mine.name;
  if (mine.section !== before.section) merged.section = mine.section;
  if (mine.bars !== before.bars) merged.bars = mine.bars;
  if (mine.energy !== before.energy) merged.energy = mine.energy;
  for (const stage of stagesChanged(before, mine)) merged.parts[stage] = mine.parts[stage] ?? null;
  return merged;
}

/** A block they added goes behind the one it follows in theirs, to the front when it follows none. */
function insertBehind(blocks: DraftBlock[], block: DraftBlock, place: number): void {
  let before = place - 1;
  while (before >= 0 && !blocks.some((one) => one.origin === before)) before -= 1;
  blocks.splice(blocks.map((one) => (before >= 0 ? one.origin : null)).lastIndexOf(before) + 1, 0, block);
}

type Mix = ArrangementDocument["mix"];

function mergedMix(base: Mix, mine: Mix, theirs: Mix): Mix {
  const merged = { ...theirs };
  for (const [stage, own] of Object.entries(mine)) {
    const before = base[stage] ?? { gain_db: 0, mute: false };
    const now = theirs[stage] ?? before;
    merged[stage] = { gain_db: own.gain_db !== before.gain_db ? own.gain_db : now.gain_db, mute: own.mute !== before.mute ? own.mute : now.mute };
  }
  return merged;
}
