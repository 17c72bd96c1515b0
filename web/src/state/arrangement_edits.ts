// What can be done to an arrangement, as pure functions: a draft in, another draft out.
import type { ArrangedBlock, ArrangementDocument, SectionInfo, StageName } from "../types";

/** A block on the screen. `key` names it for as long as it is shown, wherever it is moved. */
export interface DraftBlock extends ArrangedBlock { key: string }
export interface Draft { blocks: DraftBlock[]; mix: ArrangementDocument["mix"]; ending: string }

let n_keys = 0;
const freshKey = (): string => `b${(n_keys += 1)}`;

/** The document as a draft; blocks that were shown before under the same name keep their key. */
export function draftOf(document: ArrangementDocument, shown: readonly DraftBlock[] = []): Draft {
  const known = new Map(identities(shown).map((identity, index) => [identity, shown[index]!.key]));
  const names = identities(document.blocks);
  const blocks = document.blocks.map((block, index) => ({ ...block, key: known.get(names[index]!) ?? freshKey() }));
  return { blocks, mix: document.mix, ending: document.ending };
}

/** A name for each block that survives a new version: its own, and the how manieth of that name it is. */
export function identities(blocks: readonly ArrangedBlock[]): string[] {
  const counts = new Map<string, number>();
  return blocks.map(({ name }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return `${count} ${name}`;
  });
}

/** Put the block at `from` where `to` is when it is gone. */
export function moveBlock(draft: Draft, from: number, to: number): Draft {
  const blocks = [...draft.blocks];
  const [moved] = blocks.splice(from, 1);
  if (moved) blocks.splice(to, 0, moved);
  return { ...draft, blocks };
}

/** The block once more, right behind it, under the next free name. */
export function repeatBlock(draft: Draft, index: number): Draft {
  const block = draft.blocks[index]!;
  const twin = { ...block, parts: { ...block.parts }, name: freeName(draft, block.name), key: freshKey() };
  return withBehind(draft, index, twin);
}

export function removeBlock(draft: Draft, index: number): Draft {
  return { ...draft, blocks: draft.blocks.filter((_, place) => place !== index) };
}

function withBehind(draft: Draft, index: number, block: DraftBlock): Draft {
  return { ...draft, blocks: [...draft.blocks.slice(0, index + 1), block, ...draft.blocks.slice(index + 1)] };
}

function withBlock(draft: Draft, index: number, change: Partial<DraftBlock>): Draft {
  return { ...draft, blocks: draft.blocks.map((block, place) => (place === index ? { ...block, ...change } : block)) };
}

/** A new block of a section behind `index`: every stage plays its first part there. */
export function addBlock(draft: Draft, index: number, section: SectionInfo, choices: ArrangementDocument["choices"]): Draft {
  const offered = choices[section.name] ?? {};
  const parts = Object.fromEntries(Object.entries(offered).map(([stage, names]) => [stage, names[0] ?? null]));
  const block: DraftBlock = {
    name: freeName(draft, section.name), section: section.name, bars: section.bars, energy: section.energy, parts, extra: false, origin: null, key: freshKey(),
  };
  return withBehind(draft, index, block);
}

export function changeBlock(draft: Draft, index: number, change: Partial<Pick<ArrangedBlock, "name" | "bars" | "energy">>): Draft {
  return withBlock(draft, index, change);
}

export function setPart(draft: Draft, index: number, stage: StageName, part: string | null): Draft {
  return withBlock(draft, index, { parts: { ...draft.blocks[index]!.parts, [stage]: part } });
}

/** Every block plays what is given for it, in order; null: nothing. */
export function setStage(draft: Draft, stage: StageName, parts: readonly (string | null)[]): Draft {
  return { ...draft, blocks: draft.blocks.map((block, place) => ({ ...block, parts: { ...block.parts, [stage]: parts[place] ?? null } })) };
}

export function setMix(draft: Draft, stage: StageName, change: Partial<{ gain_db: number; mute: boolean }>): Draft {
  const known = draft.mix[stage] ?? { gain_db: 0, mute: false };
  return { ...draft, mix: { ...draft.mix, [stage]: { ...known, ...change } } };
}

/** "chorus 2" → "chorus 3", the next number nobody has. */
export function freeName(draft: Draft, name: string): string {
  const names = new Set(draft.blocks.map((block) => block.name));
  if (!names.has(name)) return name;
  const base = name.replace(/\s*\d+$/, "") || name;
  let number = 2;
  while (names.has(`${base} ${number}`)) number += 1;
  return `${base} ${number}`;
}

/** Whether two drafts say the same; keys and origins are the page's own. */
export function isSame(one: Draft, other: Draft): boolean {
  return said(one) === said(other);
}

function said({ blocks, mix, ending }: Draft): string {
  const plain = blocks.map(({ name, section, bars, energy, parts }) => [name, section, bars, energy, Object.entries(parts).sort()]);
  return JSON.stringify([plain, Object.entries(mix).sort().map(([stage, { gain_db, mute }]) => [stage, gain_db, mute]), ending]);
}
