// The line above the list: how one listens and judges, what can be taken back, and what is composed next.
import "../../styles/judging.css";
import { useEffect } from "preact/hooks";
import type { SongCard, StageName } from "../../types";
import { player } from "../../audio/player";
import { compare, toggleBlind, toggleContext } from "../../state/actions";
import { comparedCandidates } from "../../state/compare";
import { askSearch, openDialog } from "../../state/dialogs";
import { history, loadHistory, redo, undo } from "../../state/history";
import { resumeJobs } from "../../state/jobs";
import { blind } from "../../state/judging";
import { goToNew, newIds } from "../../state/newcomers";
import { dismissNotice, notice } from "../../state/notice";
import { whyNoMarks, whyNoSearch } from "../../state/permission";
import { isSaving } from "../../state/queue";
import { heardWith, inContext } from "../../state/scenes";
import { listenForKeys } from "../../state/shortcuts";
import { stageDocument } from "../../state/stage_document";
import { JobsPanel } from "./jobs_panel";

export function JudgingToolbar({ song, stage }: { song?: SongCard | undefined; stage?: StageName }) {
  const id = song?.id ?? stageDocument.value?.song;
  const here = stage ?? stageDocument.value?.stage;
  useEffect(listenForKeys, []);
  useEffect(() => void resumeJobs(), []);
  useEffect(() => {
    if (id !== undefined) void loadHistory(id);
  }, [id]);
  if (id === undefined || here === undefined) return null;
  return (
    <section class="judging" aria-label="Judging">
      <div class="judging-bar">
        <ListenGroup />
        <HistoryGroup song={id} />
        <WorkGroup stage={here} />
        <span class="saving muted small" aria-hidden="true">{isSaving.value ? "saving …" : ""}</span>
        <button type="button" class="button quiet small" title="Keys (?)" onClick={() => (openDialog.value = "cheat-sheet")}>
          Keys <kbd>?</kbd>
        </button>
      </div>
      <Reasons />
      <NoticeLine />
      <JobsPanel song={id} />
    </section>
  );
}

function ListenGroup() {
  const n_compared = comparedCandidates.value.length;
  const n_new = newIds.value.size;
  return (
    <div class="row" role="group" aria-label="Listening">
      <button type="button" class="button small" aria-pressed={inContext.value} title="With everything approved in the section (c)" data-testid="in-context" onClick={toggleContext}>
        In context
      </button>
      <span class="muted small heard-with" title={heardWords()}>{heardWords()}</span>
      <button type="button" class="button small" aria-pressed={blind.value} title="Shuffled, scores hidden until judged (b)" data-testid="blind" onClick={toggleBlind}>
        Blind
      </button>
      <button type="button" class="button small" title="Side by side (x takes in, Shift+X opens)" data-testid="compare" onClick={compare}>
        {n_compared > 0 ? `Compare ${n_compared}` : "Compare"}
      </button>
      {n_new > 0 && (
        <button type="button" class="button small" data-testid="new-candidates" title="Select the first of them" onClick={goToNew}>
          {n_new} new
        </button>
      )}
    </div>
  );
}

/** What sounds beside the candidate, when something is loaded. */
function heardWords(): string {
  if (player.state.value.scene === null) return "";
  if (heardWith.value.length > 0) return `with ${heardWith.value.join(", ")}`;
  return inContext.value ? "nothing else approved here" : "alone";
}

function HistoryGroup({ song }: { song: string }) {
  const reason = whyNoMarks.value;
  const { undo: back, redo: forth } = history.value;
  const said = (what: string, step: string | null) => (step && !blind.value ? `${what}: ${step}` : what); // a step names ids, which say generations
  return (
    <div class="row" role="group" aria-label="Undo and redo">
      <button type="button" class="button small step" disabled={reason !== null || back === null} title={reason ?? (back ? `${said("Undo", back)} (z)` : "There is nothing to undo")} data-testid="undo" onClick={() => undo(song)}>
        <span aria-hidden="true">↶</span><span class="step-text">{said("Undo", back)}</span>
      </button>
      <button type="button" class="button small step" disabled={reason !== null || forth === null} title={reason ?? (forth ? `${said("Redo", forth)} (Shift+Z)` : "There is nothing to do again")} data-testid="redo" onClick={() => redo(song)}>
        <span aria-hidden="true">↷</span><span class="step-text">{said("Redo", forth)}</span>
      </button>
    </div>
  );
}

function WorkGroup({ stage }: { stage: StageName }) {
  const why = whyNoSearch.value;
  return (
    <div class="row work" role="group" aria-label="Next">
      <button type="button" class="button small" disabled={why !== null} title={why ?? "Children of what you liked (e)"} data-testid="evolve" onClick={() => askSearch("evolve", stage)}>
        Evolve …
      </button>
      <button type="button" class="button small" disabled={why !== null} title={why ?? "Others, under a new seed (g)"} data-testid="regenerate" onClick={() => askSearch("regenerate", stage)}>
        Regenerate …
      </button>
      <button type="button" class="button small primary" title="Copy what is approved to approved/ (p)" data-testid="promote" onClick={() => (openDialog.value = "promote")}>
        Promote …
      </button>
    </div>
  );
}

/** Why buttons are off, in sight: a title alone is not read on touch or by keyboard. */
function Reasons() {
  const reasons = [...new Set([whyNoMarks.value, whyNoSearch.value])].filter((one) => one !== null);
  if (reasons.length === 0) return null;
  return <p class="small muted" data-testid="reasons">{reasons.join(" ")}</p>;
}

function NoticeLine() {
  const said = notice.value;
  return (
    <div role="alert">
      {said && (
        <div class="problem" data-testid="notice">
          <div class="grow">
            <p>{said.text}</p>
            {said.details && <pre class="difference">{said.details}</pre>}
          </div>
          <button type="button" class="button quiet small" aria-label="Dismiss" onClick={dismissNotice}>✕</button>
        </div>
      )}
    </div>
  );
}
