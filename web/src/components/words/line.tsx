// One line of words under its notes: a slot for each note, with the note above it at its height.
import { useState } from "preact/hooks";
import type { Syllable, WordLine } from "../../types";
import { line_of, verdict } from "./text";

interface Props { line: WordLine; number: number; range: [number, number]; locked: boolean; onText: (line: string) => void }

export function Line({ line, number, range, locked, onText }: Props) {
  const [typed, setTyped] = useState<string[] | null>(null); // while a slot of this line is edited, slots stay where they are
  const slots = typed ?? line.syllables.map((slot) => slot.text);
  const said = verdict(line);
  const type = (k: number, value: string) => {
    const next = line.syllables.map((slot, j) => (j === k ? value : (typed?.[j] ?? slot.text)));
    setTyped(next);
    onText(line_of(next));
  };
  return (
    <li class="words-line" data-fits={said === ""} data-testid="words-line">
      <div class="words-facts small">
        <span class="mono rhyme" aria-label={line.rhyme ? `rhyme ${line.rhyme}` : "no rhyme"}>{line.rhyme || "–"}</span>
        <span class="mono" aria-label={`${line.n_syllables} syllables on ${line.n_notes} notes`}>{`${line.n_syllables}/${line.n_notes}`}</span>
        <span class={said ? "words-verdict" : "words-verdict muted"}>{said ? `✗ ${said}` : "✓ fits"}</span>
      </div>
      {line.syllables.length ? (
        <ol class="words-slots" aria-label={`Line ${number}: ${line.text || "no words yet"}`}
          onFocusOut={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setTyped(null); }}>
          {line.syllables.map((slot, k) => (
            <Slot key={slot.tick} slot={slot} text={slots[k] ?? ""} place={`line ${number}, note ${k + 1} of ${line.syllables.length}`} range={range} locked={locked} onInput={(value) => type(k, value)} />
          ))}
        </ol>
      ) : <p class="words-over">{line.text}</p>}
    </li>
  );
}

interface SlotProps { slot: Syllable; text: string; place: string; range: [number, number]; locked: boolean; onInput: (text: string) => void }

function Slot({ slot, text, place, range: [low, high], locked, onInput }: SlotProps) {
  const height = (slot.pitch - low) / Math.max(1, high - low);
  return (
    <li class="words-slot" data-fits={slot.fits} data-strong={slot.stress >= 0.8}>
      <span class="words-note" aria-hidden="true"><i style={{ bottom: `${(100 * height * 0.75).toFixed(0)}%` }} /></span>
      <input type="text" value={text} readOnly={locked} aria-label={`Syllable, ${place}`} aria-invalid={!slot.fits} size={Math.max(3, text.length)} spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)} onKeyDown={walk} />
    </li>
  );
}

/** Arrow keys at the edge of a slot go to the next one; space begins the next syllable. */
function walk(event: KeyboardEvent): void {
  const field = event.currentTarget as HTMLInputElement;
  const at_end = field.selectionStart === field.value.length && field.selectionEnd === field.value.length;
  const at_start = field.selectionStart === 0 && field.selectionEnd === 0;
  const by = (event.key === "ArrowRight" || event.key === " ") && at_end ? 1 : event.key === "ArrowLeft" && at_start ? -1 : 0;
  if (!by) return;
  const all = [...(field.closest(".words")?.querySelectorAll<HTMLInputElement>(".words-slot input") ?? [])];
  const next = all[all.indexOf(field) + by];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
}
