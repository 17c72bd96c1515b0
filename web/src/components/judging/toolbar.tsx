// The line above the list: how one listens and judges, what can be taken back, and what is composed next.
import "../../styles/judging.css";
import { computed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { SongCard, StageName } from "../../types";
import { player } from "../../audio/player";
import { compare, promote, showCheatSheet, toggleBlind, toggleContext } from "../../state/actions";
import { comparedCandidates } from "../../state/compare";
import { askSearch } from "../../state/dialogs";
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
        <button type="button" class="button quiet small" title="Keys (?)" onClick={showCheatSheet}>
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
      <Toggle isOn={inContext.value} hint="With everything approved in the section (c)" text="In context" testid="in-context" onClick={toggleContext} />
      <span class="muted small heard-with" title={heardWords()}>{heardWords()}</span>
      <Toggle isOn={blind.value} hint="Shuffled, scores hidden until judged (b)" text="Blind" testid="blind" onClick={toggleBlind} />
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

function Toggle({ isOn, hint, text, testid, onClick }: { isOn: boolean; hint: string; text: string; testid: string; onClick: () => void }) {
  return (
    <button type="button" class="button small" aria-pressed={isOn} title={hint} data-testid={testid} onClick={onClick}>{text}</button>
  );
}

/** What sounds beside the candidate, when something is loaded. */
function heardWords(): string {
  if (player.state.value.scene === null) return "";
  if (heardWith.value.length > 0) return `with ${heardWith.value.join(", ")}`;
  return inContext.value ? "nothing else approved here" : "alone";
}

function HistoryGroup({ song }: { song: string }) {
  return (
    <div class="row" role="group" aria-label="Undo and redo">
      <Step name="Undo" sign="↶" shortcut="z" what={history.value.undo} testid="undo" onClick={() => undo(song)} />
      <Step name="Redo" sign="↷" shortcut="Shift+Z" what={history.value.redo} testid="redo" onClick={() => redo(song)} />
    </div>
  );
}

interface StepProps { name: string; sign: string; shortcut: string; what: string | null; testid: string; onClick: () => void }

/** A button that says what it would take back; not while blind, since that names ids, and ids name generations. */
function Step({ name, sign, shortcut, what, testid, onClick }: StepProps) {
  const reason = whyNoMarks.value ?? (what === null ? `There is nothing to ${name.toLowerCase()}` : null);
  const said = what !== null && !blind.value ? `${name}: ${what}` : name;
  return (
    <button type="button" class="button small step" disabled={reason !== null} title={reason ?? `${said} (${shortcut})`} data-testid={testid} onClick={onClick}>
      <span aria-hidden="true">{sign}</span><span class="step-text">{said}</span>
    </button>
  );
}

function WorkGroup({ stage }: { stage: StageName }) {
  return (
    <div class="row work" role="group" aria-label="Next">
      <SearchButton kind="evolve" stage={stage} hint="Children of what you liked (e)" text="Evolve …" />
      <SearchButton kind="regenerate" stage={stage} hint="Others, under a new seed (g)" text="Regenerate …" />
      <button type="button" class={whyEmpty.value ? "button small" : "button small primary"} title="Copy what is approved to approved/ (p)" data-testid="promote" onClick={promote}>
        Promote …
      </button>
    </div>
  );
}

/** Nothing is bred from nothing. */
const whyEmpty = computed(() => (stageDocument.value?.candidates.length === 0 ? "Nothing is composed here yet" : null));

function SearchButton({ kind, stage, hint, text }: { kind: "evolve" | "regenerate"; stage: StageName; hint: string; text: string }) {
  const reason = whyNoSearch.value ?? whyEmpty.value;
  return (
    <button type="button" class="button small" disabled={reason !== null} title={reason ?? hint} data-testid={kind} onClick={() => askSearch(kind, stage)}>
      {text}
    </button>
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
