// Lines and syllables as text: what is typed into a note's slot becomes the line it belongs to, and the other way round.
import type { WordLine, Words } from "../../types";

/** Lines with something in them, by stanza; an empty line parts stanzas. */
export function stanzas(text: string): string[][] {
  const found: string[][] = [[]];
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    if (line) found.at(-1)!.push(line);
    else if (found.at(-1)!.length) found.push([]);
  }
  if (found.length > 1 && !found.at(-1)!.length) found.pop();
  return found;
}

/** "Kit-" "chen" "light" → "Kitchen light"; notes without a syllable hold the one before. */
export function line_of(slots: readonly string[]): string {
  return slots.map((slot) => slot.trim()).filter(Boolean)
    .reduce((line, slot) => (line.endsWith("-") ? line.slice(0, -1) + slot : line ? `${line} ${slot}` : slot), "")
    .replace(/-$/, "");
}

/** The text with one of the shown lines replaced; a line whose notes were free is added to its stanza. */
export function with_line(text: string, shown: Words, index: number, line: string): string {
  const groups = stanzas(text);
  const n_phrases = Math.max(1, Math.round(shown.lines.filter((one) => one.n_notes > 0).length / groups.length));
  let first = 0;
  for (const group of groups) {
    const length = Math.max(group.length, n_phrases);
    if (index < first + length) {
      if (index - first < group.length) group[index - first] = line;
      else if (line) group.push(line);
      break;
    }
    first += length;
  }
  return groups.map((group) => group.filter(Boolean).join("\n")).join("\n\n");
}

/** What a line lacks, in words; "" when it fits. */
export function verdict({ text, n_notes, n_syllables, syllables }: WordLine): string {
  if (!text) return "free";
  if (!n_notes) return "no notes left";
  const apart = n_syllables - n_notes;
  if (apart) return `${Math.abs(apart)} ${apart > 0 ? "too many" : "too few"}`;
  return syllables.every((slot) => slot.fits) ? "" : "stress";
}
