// How a search is to run: where, how long, and what it begins from; started here, followed in the jobs.
import { useState } from "preact/hooks";
import type { Candidate, JobRequest, SongCard } from "../../types";
import { closeDialog, wantedSearch, type Search } from "../../state/dialogs";
import { library } from "../../state/library";
import { startJob } from "../../state/jobs";
import { nameOf } from "../../state/judging";
import { whyNoSearch } from "../../state/permission";
import { inOrder } from "../../state/queue";
import { selected, stageDocument } from "../../state/stage_document";
import { Dialog } from "./dialog";

const TITLES: Record<Search["kind"], string> = { compose: "Compose", evolve: "Evolve", regenerate: "Regenerate" };
const LEADS: Record<Search["kind"], string> = {
  compose: "The first candidates of this stage, over what is approved before it.",
  evolve: "Children of what you liked are added to the list; nothing that is there changes.",
  regenerate: "Others, under a seed that was not used yet, are added to the list; nothing that is there changes.",
};
const LIKED_RATING = 4; // as composition/evolution.py

export function SearchDialog({ song }: { song: SongCard | undefined }) {
  const search = wantedSearch.value;
  const [section, setSection] = useState("");
  const [only, setOnly] = useState(false); // evolve from the selected candidate alone
  const [candidates, setCandidates] = useState(50);
  const [generations, setGenerations] = useState(3);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  if (!search || !song) return null;

  const fed = search.kind === "evolve" ? feeds(section) : null;
  const chosen = only ? selected.value : null;
  const nothing = fed && !chosen && fed.liked.length === 0
    ? "Nothing here is liked yet: approve it, give it 4 or 5 stars, or mark it “more like this”." : null;
  const reason = whyNoSearch.value ?? nothing;
  const start = (event: Event) => {
    event.preventDefault();
    if (reason !== null || isBusy) return;
    const request: JobRequest = { kind: search.kind, stage: search.stage, candidates, generations };
    if (section) request.section = section;
    if (chosen) request.like = [chosen.id];
    setBusy(true);
    inOrder(async () => { // after marks on their way, which feed it
      try {
        await startJob(song.id, request);
        closeDialog();
      } catch (refused) {
        setProblem(refused instanceof Error ? refused.message : String(refused));
      } finally {
        setBusy(false);
      }
    });
  };
  const actions = (
    <>
      {reason && <span class="small muted" data-testid="search-reason">{reason}</span>}
      <button type="button" class="button" onClick={closeDialog}>Not now</button>
      <button type="submit" form="search-form" class="button primary" disabled={reason !== null || isBusy} data-testid={`${search.kind}-start`}>
        {isBusy ? "Starting …" : TITLES[search.kind]}
      </button>
    </>
  );
  return (
    <Dialog title={`${TITLES[search.kind]} ${search.stage}`} onClose={closeDialog} testid="search-dialog" actions={actions}>
      <form id="search-form" class="stack" onSubmit={start}>
        <p>{LEADS[search.kind]}</p>
        {library.value?.taste && <p class="small" data-testid="taste">{`Your taste “${library.value.taste}” takes part in choosing.`}</p>}
        {problem && <p class="problem" role="alert">{problem}</p>}
        <label class="form-row">
          <span>Section</span>
          <select value={section} onChange={(event) => setSection(event.currentTarget.value)} data-testid="search-section">
            <option value="">All sections</option>
            {sectionsOf(song, search).map((name) => <option key={name} value={name}>{name}</option>)}
          </select>
        </label>
        <NumberField label="Candidates per section and generation" value={candidates} least={2} most={200} onChange={setCandidates} testid="search-candidates" />
        <NumberField label="Generations bred after the first" value={generations} least={0} most={20} onChange={setGenerations} testid="search-generations" />
        {fed && <Feeds fed={fed} only={only} onOnly={setOnly} />}
      </form>
    </Dialog>
  );
}

/** Sections, and their variants where later stages are composed for each. */
function sectionsOf(song: SongCard, search: Search): string[] {
  return song.sections.flatMap((one) => {
    const variants = search.stage === "chords" || one.variants.length < 2 ? [] : one.variants;
    return [one.name, ...variants.map((variant) => `${one.name} ${variant}`)];
  });
}

interface Fed { liked: Candidate[]; approved: number; stars: number; more: Candidate[]; less: Candidate[]; rejected: number }

/** What the next evolution begins from, and what it keeps away from. */
function feeds(section: string): Fed {
  const all = (stageDocument.value?.candidates ?? []).filter(
    (one) => !section || section === one.section || section === `${one.section} ${one.variant}`,
  );
  const isHigh = (one: Candidate) => (one.rating ?? 0) >= LIKED_RATING;
  return {
    liked: all.filter((one) => one.status !== "rejected" && one.wish !== "less" && (one.status === "approved" || isHigh(one) || one.wish === "more")),
    approved: all.filter((one) => one.status === "approved").length,
    stars: all.filter(isHigh).length,
    more: all.filter((one) => one.wish === "more"),
    less: all.filter((one) => one.wish === "less"),
    rejected: all.filter((one) => one.status === "rejected").length,
  };
}

function Feeds({ fed, only, onOnly }: { fed: Fed; only: boolean; onOnly: (only: boolean) => void }) {
  const one = selected.value;
  return (
    <fieldset class="feeds" data-testid="feeds">
      <legend>Begins from</legend>
      <label class="row">
        <input type="radio" name="from" checked={!only} onChange={() => onOnly(false)} />
        what you liked: {fed.approved} approved, {fed.stars} with 4 or 5 stars, {fed.more.length} marked “more like this”
      </label>
      {one && (
        <label class="row">
          <input type="radio" name="from" checked={only} onChange={() => onOnly(true)} />
          only the selected one, <span class="mono">{nameOf(one)}</span>
        </label>
      )}
      <Names title="More like this" list={fed.more} />
      <Names title="Less like this" list={fed.less} />
      <p class="small muted">It keeps away from the {fed.rejected} rejected and the {fed.less.length} marked “less like this”.</p>
    </fieldset>
  );
}

function Names({ title, list }: { title: string; list: Candidate[] }) {
  if (list.length === 0) return null;
  const rest = list.length - 6;
  return (
    <p class="small">
      {title}: <span class="mono">{list.slice(0, 6).map(nameOf).join(", ")}</span>{rest > 0 ? ` and ${rest} more` : ""}
    </p>
  );
}

interface NumberProps { label: string; value: number; least: number; most: number; onChange: (value: number) => void; testid: string }

function NumberField({ label, value, least, most, onChange, testid }: NumberProps) {
  return (
    <label class="form-row">
      <span>{label}</span>
      <input
        type="number"
        required
        min={least}
        max={most}
        step={1}
        value={value}
        data-testid={testid}
        onInput={(event) => {
          if (event.currentTarget.validity.valid) onChange(event.currentTarget.valueAsNumber);
        }}
      />
    </label>
  );
}
