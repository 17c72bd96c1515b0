// Stages that were approved after the arrangement was written: it says nothing of them, so they are offered here.
import { canEdit, change, saved, saveState } from "../../state/arrangement";
import { setStage } from "../../state/arrangement_edits";
import type { StageName } from "../../types";

export function Unheard() {
  const waiting = Object.entries(saved.value?.unheard ?? {}) as [StageName, (string | null)[]][];
  return (
    <div role="status" class="unheard">
      {waiting.map(([stage, parts]) => (
        <p key={stage} class="row small" data-testid={`unheard-${stage}`}>
          <span>{`${stage}: approved, and in no block of this arrangement.`}</span>
          <button
            type="button" class="button small" disabled={!canEdit.value || saveState.value !== "saved"}
            onClick={() => {
              change((now) => setStage(now, stage, parts), `${stage} plays in ${parts.filter(Boolean).length} blocks.`);
              document.querySelector<HTMLElement>(`[data-testid="cell-${stage}-0"]`)?.focus(); // the button goes
            }}
          >
            {`Let ${stage} play`}
          </button>
        </p>
      ))}
    </div>
  );
}
