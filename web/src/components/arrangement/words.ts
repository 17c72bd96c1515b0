// Names as the arrangement shows them.
import { songOf } from "../../state/library";
import type { ArrangedBlock, SectionInfo } from "../../types";

/** "verse_b" in a verse is "b"; a part of another section keeps its whole name. */
export function shortPart(part: string, section: SectionInfo | undefined): string {
  return section && part.startsWith(`${section.slug}_`) ? part.slice(section.slug.length + 1) : part;
}

export const sectionOf = (song: string, name: string): SectionInfo | undefined => songOf(song)?.sections.find((one) => one.name === name);

/** Place of a section among the song's, which decides its color and pattern. */
export function sectionPlace(sections: readonly string[], name: string): number {
  return Math.max(0, sections.indexOf(name)) % 6;
}

export function blockText(block: ArrangedBlock, index: number, n_blocks: number): string {
  const more = block.extra ? ", parts with levels of their own" : "";
  const section = block.name === block.section ? "" : `${block.section}, `; // begins as the block is read by eye
  return `${block.name}, ${section}${block.bars} ${block.bars === 1 ? "bar" : "bars"}, energy ${Math.round(block.energy * 100)}, block ${index + 1} of ${n_blocks}${more}`;
}
