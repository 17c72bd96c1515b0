// The button of a stage that has no candidates yet, with the reason beside it when nothing can be composed.
import "../../styles/judging.css";
import type { SongCard, StageName } from "../../types";
import { askSearch } from "../../state/dialogs";
import { whyNoSearch } from "../../state/permission";

export function ComposeButton({ stage }: { song?: SongCard | undefined; stage: StageName }) {
  const reason = whyNoSearch.value;
  return (
    <div class="stack">
      <button type="button" class="button primary" disabled={reason !== null} data-testid="compose" onClick={() => askSearch("compose", stage)}>
        Compose {stage} …
      </button>
      {reason && <p class="small muted">{reason}</p>}
    </div>
  );
}
