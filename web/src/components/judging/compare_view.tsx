// Two to four candidates side by side: heard in turn without losing the beat, what sets them apart in words, marks for each.
import { player } from "../../audio/player";
import type { Candidate } from "../../types";
import { chooseAt, toggleContext } from "../../state/actions";
import { clearCompared, comparedCandidates, LETTERS } from "../../state/compare";
import { factRows, numberRows, summary } from "../../state/difference";
import { closeDialog } from "../../state/dialogs";
import { isHidden } from "../../state/judging";
import { songOf } from "../../state/library";
import { heardWith, inContext, oneVariant } from "../../state/scenes";
import { stageDocument } from "../../state/stage_document";
import { CompareColumn } from "./compare_column";
import { Dialog } from "./dialog";
import { FactTable, NumberTable } from "./difference_tables";

export function CompareView() {
  const open = stageDocument.value;
  const candidates = comparedCandidates.value;
  if (!open || candidates.length < 2) return null;
  const song = songOf(open.song);
  const isBlind = candidates.some(isHidden);
  return (
    <Dialog
      title={`Compare ${candidates.length} of ${open.stage}`}
      onClose={closeDialog}
      testid="compare-view"
      wide
      actions={
        <>
          <span class="small muted grow">1–{candidates.length}, ← → switch · Space plays · a r u mark · Shift+1–5 stars · y prefers · Escape closes</span>
          <button type="button" class="button" onClick={clearCompared}>Forget the comparison</button>
          <button type="button" class="button primary" onClick={closeDialog}>Close</button>
        </>
      }
    >
      <Listening sameVariant={oneVariant(candidates)} />
      <div class="compare-columns" data-count={candidates.length}>
        {candidates.map((one, index) => (
          <CompareColumn key={one.id} candidate={one} letter={LETTERS[index]!} index={index} song={open.song} stage={open.stage} card={song} onChoose={chooseAt} />
        ))}
      </div>
      {isBlind ? (
        <p class="muted" data-testid="differences">Scores and facts are hidden until all of them are judged.</p>
      ) : (
        <Differences />
      )}
    </Dialog>
  );
}

function Listening({ sameVariant }: { sameVariant: boolean }) {
  const { playing, matched } = player.state.value;
  return (
    <div class="row" role="group" aria-label="Listening">
      <button type="button" class="button small" aria-pressed={playing} data-testid="compare-play" onClick={() => void player.toggle()}>
        {playing ? "Pause" : "Play"}
      </button>
      <button type="button" class="button small" aria-pressed={inContext.value} disabled={!sameVariant} onClick={toggleContext}>In context</button>
      <button type="button" class="button small" aria-pressed={matched} title="All at one loudness: the louder one does not win for being louder" onClick={() => player.match(!matched)}>
        Loudness matched
      </button>
      <span class="small muted">{sameVariant ? (heardWith.value.length > 0 ? `with ${heardWith.value.join(", ")}` : "") : "They lie over other chords, so they are heard alone."}</span>
    </div>
  );
}

/** Fitness has no scale of its own; it is compared by what the stage has. */
function fitnessRange(candidates: readonly Candidate[]): [number, number] {
  const known = candidates.map((one) => one.fitness).filter((one) => one !== null);
  return [Math.min(...known), Math.max(...known)];
}

function Differences() {
  const open = stageDocument.value!;
  const candidates = comparedCandidates.value;
  const rows = numberRows(candidates, { ...open.measures, fitness: fitnessRange(open.candidates) });
  const letters = candidates.map((_, index) => LETTERS[index]!);
  const said = summary(rows, LETTERS);
  return (
    <section class="stack" aria-label="Differences" data-testid="differences">
      <h3>What sets them apart</h3>
      {said.length > 0 ? <ul class="bullets">{said.map((line) => <li key={line}>{line}</li>)}</ul> : <p>Their numbers are the same.</p>}
      <NumberTable rows={rows} letters={letters} />
      <FactTable rows={factRows(candidates)} letters={letters} />
    </section>
  );
}
