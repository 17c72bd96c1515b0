// Free words about a candidate; saved when the field is left, and while one pauses.
import { useRef } from "preact/hooks";
import type { Candidate } from "../../types";
import { draftOf, saveText, typed } from "../../state/drafts";
import { whyNoMarks } from "../../state/permission";
import { SaveState } from "./save_state";

export function NotesField({ candidate, prefix = "" }: { candidate: Candidate; prefix?: string }) {
  const { id } = candidate;
  const before = useRef<HTMLElement | null>(null);
  const draft = draftOf(id, "notes");
  const reason = whyNoMarks.value;
  const onKeyDown = (event: KeyboardEvent) => {
    const isDone = event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey));
    if (event.isComposing || !isDone) return;
    event.preventDefault();
    event.stopPropagation();
    if (before.current?.isConnected) before.current.focus();
    else event.currentTarget instanceof HTMLElement && event.currentTarget.blur();
  };
  return (
    <label class="notes-field">
      <span class="small muted">Note</span>
      <textarea
        rows={2}
        maxLength={10_000}
        disabled={reason !== null}
        title={reason ?? "Note (n)"}
        data-notes-of={id}
        data-testid={`${prefix}notes-${id}`}
        value={draft?.text ?? candidate.notes}
        onFocus={(event) => (before.current = event.relatedTarget instanceof HTMLElement ? event.relatedTarget : null)}
        onInput={(event) => typed(candidate, "notes", event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={() => saveText(id, "notes")}
      />
      <SaveState draft={draft} />
    </label>
  );
}
