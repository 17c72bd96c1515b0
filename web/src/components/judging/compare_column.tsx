// One candidate of the comparison: its letter to hear it, its notes, its marks.
import { player } from "../../audio/player";
import type { Candidate, SongCard, StageName } from "../../types";
import { toggleCompared } from "../../state/compare";
import { approve, isHidden, nameOf } from "../../state/judging";
import { whyNoMarks } from "../../state/permission";
import { CandidateRoll } from "../roll";
import { MarksBar } from "./marks_bar";

interface Props {
  candidate: Candidate; letter: string; index: number; // index: among those that are compared
  song: string; stage: StageName; card: SongCard | undefined;
  onChoose: (index: number) => void;
}

export function CompareColumn({ candidate, letter, index, song, stage, card, onChoose }: Props) {
  const isHeard = player.state.value.choice === index;
  const reason = whyNoMarks.value;
  return (
    <section class={isHeard ? "compare-column heard" : "compare-column"} aria-label={`${letter}: ${nameOf(candidate)}`} data-testid={`compare-${letter}`}>
      <header class="row">
        <button type="button" class="button letter" aria-pressed={isHeard} aria-label={`Hear ${letter}`} data-testid={`choose-${letter}`} onClick={() => onChoose(index)}>
          <span aria-hidden="true" class="heard-sign">{isHeard ? "♪" : ""}</span>{letter}
        </button>
        <span class="grow">
          <span class="mono small name">{nameOf(candidate)}</span>
          <span class="small muted name">{candidate.section} {candidate.variant} · {candidate.status}{isHidden(candidate) ? "" : facts(candidate)}</span>
        </span>
      </header>
      <CandidateRoll song={song} stage={stage} id={candidate.id} musicalKey={card?.key ?? ""} hex={card?.hex ?? null} height={150} />
      <MarksBar candidate={candidate} place="compare" />
      <div class="row">
        <button type="button" class="button small primary" disabled={reason !== null} title={reason ?? "Approve this one and leave the others (y)"} data-testid={`prefer-${candidate.id}`} onClick={() => approve(candidate)}>
          Prefer {letter}
        </button>
        <button type="button" class="button quiet small" aria-label={`Take out ${letter}`} onClick={() => toggleCompared(candidate.id)}>Take out</button>
      </div>
    </section>
  );
}

function facts(candidate: Candidate): string {
  const match = candidate.match === null ? "" : ` · match ${Math.round(candidate.match * 100)} %`;
  return candidate.generation === null ? match : `${match} · generation ${candidate.generation}`;
}
