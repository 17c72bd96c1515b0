// Whether typed text has reached the file. Nothing is said once it has: that is the usual case.
import type { Draft } from "../../state/drafts";
import { saveText } from "../../state/drafts";

export function SaveState({ draft }: { draft: Draft | undefined }) {
  if (!draft || draft.state === "typing") return null;
  if (draft.state === "saving") return <span class="save-state muted">saving …</span>;
  return (
    <button type="button" class="save-state button small danger" onClick={() => saveText(draft.id, draft.field)}>
      Not saved; try again
    </button>
  );
}
