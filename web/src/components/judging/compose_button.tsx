// The button of a stage that has no candidates yet, with the reason beside it when nothing can be composed.
import "../../styles/judging.css";
import { stageHref } from "../../router";
import type { SongCard, StageName } from "../../types";
import { askSearch } from "../../state/dialogs";
import { waitsFor, whyNoSearch } from "../../state/permission";

export function ComposeButton({ song, stage }: { song?: SongCard | undefined; stage: StageName }) {
  const reason = whyNoSearch.value;
  const needed = waitsFor(song, stage);
  return (
    <div class="stack">
      <button type="button" class="button primary" disabled={reason !== null || needed !== null} data-testid="compose" onClick={() => askSearch("compose", stage)}>
        Compose {stage} …
      </button>
      {reason && <p class="small muted">{reason}</p>}
      {!reason && needed && song && (
        <p class="small" data-testid="waits-for">
          {`It follows the ${needed}: approve and promote some in `}<a href={stageHref(song.id, needed)}>{needed}</a>{" first."}
        </p>
      )}
    </div>
  );
}
