// One stage of a song: candidates on the left, what is known of the selected one on the right, the transport below.
import { useEffect } from "preact/hooks";
import { CandidateList } from "../components/candidate_list";
import { Details } from "../components/details";
import { Filters, SectionTabs } from "../components/filters";
import { ComposeButton, JudgingToolbar, Transport } from "../components/slots";
import { SongHeader } from "../components/song_header";
import { songsHref, stageHref } from "../router";
import { library, songOf } from "../state/library";
import { closeStage, openStage, stageDocument, stageProblem, visibleCandidates } from "../state/stage_document";
import { clearFilters } from "../state/view_settings";
import type { StageName } from "../types";

export function StageView({ song: id, stage }: { song: string; stage: StageName }) {
  useEffect(() => void openStage(id, stage), [id, stage]);
  useEffect(() => closeStage, []);
  const song = songOf(id);
  const open = stageDocument.value;
  const isReady = open !== null && open.stage === stage && open.song === id;
  const isEmpty = isReady && open.candidates.length === 0;
  return (
    <main id="main" class="stage-view" aria-label={`${song?.title ?? "Song"}, ${stage}`}>
      <SongHeader song={id} here={stage} />
      <div class="stage-tools">
        <JudgingToolbar song={song} stage={stage} />
        <SectionTabs />
        {!isEmpty && <Filters />}
      </div>
      <Problems />
      <div class="stage-body">
        {isReady && !isEmpty ? <CandidateList key={`${id}/${stage}`} song={song} stage={stage} id={id} /> : <NothingYet id={id} stage={stage} isReady={isReady} />}
        {isReady && !isEmpty && visibleCandidates.value.length === 0 && <NothingFits />}
        {isReady && !isEmpty && <Details song={id} stage={stage} />}
      </div>
      <Transport />
    </main>
  );
}

function Problems() {
  const problems = [...(stageProblem.value ? [stageProblem.value] : []), ...(stageDocument.value?.problems ?? [])];
  if (problems.length === 0) return null;
  return (
    <div class="stage-problems" role="alert">
      {problems.slice(0, 3).map((problem) => <p class="problem" key={problem}>{problem}</p>)}
      {problems.length > 3 && <p class="muted small">{`and ${problems.length - 3} more`}</p>}
    </div>
  );
}

function NothingYet({ id, stage, isReady }: { id: string; stage: StageName; isReady: boolean }) {
  const song = songOf(id);
  if (library.value && !song) return <div class="empty"><p>This song is not in the studio’s folder any more.</p><a href={songsHref}>All songs</a></div>;
  if (!isReady) return <p class="empty">{stageProblem.value ? "The candidates could not be read." : "Reading the candidates …"}</p>;
  const next = song?.next;
  return (
    <div class="empty">
      <p>{stageDocument.value?.problems.length ? `No candidates of ${stage} are listed.` : `Nothing composed yet: ${stage} has no candidates.`}</p>
      {next?.stage && next.stage !== stage && <p>This song’s next step: <a href={stageHref(id, next.stage)}>{next.text}</a></p>}
      <ComposeButton song={song} stage={stage} />
    </div>
  );
}

function NothingFits() {
  return (
    <div class="empty nothing-fits">
      <p>No candidate fits these filters.</p>
      <button class="button" onClick={clearFilters}>Show all</button>
    </div>
  );
}
