// The name an approved candidate gets, with suggestions; says when promotion would refuse it.
import { useId, useRef, useState } from "preact/hooks";
import type { Candidate } from "../../types";
import { discard, draftOf, saveText, typed } from "../../state/drafts";
import { suggestions, twinOf } from "../../state/labels";
import { whyNoMarks } from "../../state/permission";
import { stageDocument } from "../../state/stage_document";
import { SaveState } from "./save_state";

export function LabelField({ candidate, prefix = "" }: { candidate: Candidate; prefix?: string }) {
  const { id } = candidate;
  const options = useId();
  const hint = useId();
  const [isOpen, setOpen] = useState(false);
  const before = useRef<HTMLElement | null>(null); // where the focus was, to give it back
  const draft = draftOf(id, "label");
  const text = draft?.text ?? candidate.label;
  const reason = whyNoMarks.value;
  const all = stageDocument.value?.candidates ?? [];
  const twin = candidate.status === "approved" || isOpen ? twinOf(candidate, all, text.trim()) : null;

  const leave = () => (before.current?.isConnected ? before.current.focus() : (document.activeElement as HTMLElement | null)?.blur());
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") discard(id, "label");
    leave(); // leaving saves
  };
  return (
    <label class="label-field">
      <span class="visually-hidden">Label</span>
      <input
        type="text"
        class="field"
        placeholder="label"
        maxLength={64}
        spellcheck={false}
        autocomplete="off"
        disabled={reason !== null}
        title={reason ?? "Label (l)"}
        list={isOpen ? options : undefined}
        aria-invalid={twin !== null || undefined}
        aria-describedby={twin ? hint : undefined}
        data-label-of={id}
        data-testid={`${prefix}label-${id}`}
        value={text}
        onFocus={(event) => {
          before.current = event.relatedTarget instanceof HTMLElement ? event.relatedTarget : null;
          setOpen(true);
        }}
        onInput={(event) => typed(candidate, "label", event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => {
          setOpen(false);
          saveText(id, "label");
        }}
      />
      {isOpen && (
        <datalist id={options}>
          {suggestions(candidate, all, stageDocument.value?.labels ?? []).map((label) => <option key={label} value={label} />)}
        </datalist>
      )}
      {twin && <span id={hint} class="twin" title={`Promotion would refuse two of one name; ${twin.id} has it`}>⚠ taken</span>}
      <SaveState draft={draft} />
    </label>
  );
}
