// One candidate in the list: what it is, its notes, its numbers. Every card has the same height, which the list counts on.
import { memo } from "preact/compat";
import { isRevealed } from "../state/stage_document";
import type { Candidate, StageName } from "../types";
import { Badges } from "./badges";
import { decimal, factText, STATUS_SIGNS, words } from "./format";
import { Score } from "./measures";
import { CandidateRoll } from "./roll";
import { AxesChart, MarksBar } from "./slots";
import { TermBars } from "./terms";

export const ROLL_PX = 96;

interface CardProps {
  candidate: Candidate; song: string; stage: StageName; musicalKey: string; hex: string | null;
  place: number; count: number; // place: from 1 among those shown
  top: number; width: number; // of the card's inside, CSS pixels
  isSelected: boolean; isHeard: boolean;
  onSelect: (id: string) => void;
}

// What a stage says first about a candidate; the details have the rest.
const TOLD: Record<StageName, readonly string[]> = {
  chords: ["roman", "borrowed"], drums: ["groove", "time", "kit", "fills"], bass: ["style", "line"],
  melody: ["plan", "range", "voice"], harmony: ["family", "instruments", "figure"], lyrics: ["words"],
};

function toldText({ facts }: Candidate, stage: StageName): string {
  const told = TOLD[stage].map((name) => [name, factText(facts[name])] as const).filter(([, text]) => text !== "");
  return told.map(([name, text]) => (name === "words" ? text : `${words(name)}: ${text}`)).join(" · ");
}

export const CandidateCard = memo(function CandidateCard(props: CardProps) {
  const { candidate, song, stage, place, count, isSelected } = props;
  const isOpen = isRevealed(candidate);
  const heading = `candidate-name-${candidate.id}`;
  const select = () => props.onSelect(candidate.id);
  return (
    <article
      class="candidate card" data-testid={`candidate-${candidate.id}`} data-id={candidate.id} data-status={candidate.status}
      style={{ transform: `translateY(${props.top}px)` }} aria-labelledby={heading} aria-posinset={place} aria-setsize={count}
      aria-current={isSelected ? "true" : undefined} tabIndex={isSelected ? 0 : -1} onClick={select} onFocusIn={select}
    >
      <header>
        <h3 id={heading}>
          <CandidateName candidate={candidate} place={place} isOpen={isOpen} />
        </h3>
        {props.isHeard && <span class="badge playing"><span aria-hidden="true">♪</span><span class="visually-hidden">playing</span></span>}
        <MarksBar candidate={candidate} />
      </header>
      {candidate.exists ? (
        <CandidateRoll song={song} stage={stage} id={candidate.id} musicalKey={props.musicalKey} hex={props.hex} height={ROLL_PX} width={props.width} />
      ) : (
        <p class="roll roll-note problem" style={{ height: ROLL_PX }}>{`${candidate.file} is gone. Put the file back, or reject the candidate; its marks stay.`}</p>
      )}
      {isOpen ? <Numbers candidate={candidate} stage={stage} isSelected={isSelected} /> : <p class="hidden-scores muted small">Scores are hidden until you have judged it.</p>}
    </article>
  );
});

/** Status in sign and word, section, variant and label; the id says the generation and is hidden while blind. */
export function CandidateName({ candidate, place, isOpen }: { candidate: Candidate; place: number; isOpen: boolean }) {
  const { section, variant, status } = candidate;
  return (
    <>
      <span class={`status ${status}`}>
        <span aria-hidden="true">{STATUS_SIGNS[status]}</span>
        <span class="visually-hidden">{status}, </span>
      </span>
      <span class="where">{variant ? `${section} ${variant}` : section}</span>
      <span class="id mono muted">{isOpen ? shortId(candidate) : `No. ${place}`}</span>
    </>
  );
}

/** "verse-a-g1-47514f84" → "g1-47514f84": section and variant stand before it. */
function shortId({ id, section, variant }: Candidate): string {
  const begin = variant ? `${section}-${variant}-` : `${section}-`;
  return id.startsWith(begin) ? id.slice(begin.length) : id;
}

function Numbers({ candidate, stage, isSelected }: { candidate: Candidate; stage: StageName; isSelected: boolean }) {
  const told = toldText(candidate, stage);
  return (
    <>
      <div class="told small">
        <p title={told}>{told}</p>
        <Badges candidate={candidate} />
      </div>
      <div class="numbers">
        <dl class="scores">
          <Score name="match" value={candidate.match} hint="How far up it stands among real songs of this color" />
          <Score name="confidence" value={candidate.confidence} hint="How sure the scorer is" />
          <Score name="novelty" value={candidate.novelty} text={decimal(candidate.novelty)} hint="How different it is from known songs" />
        </dl>
        <TermBars terms={candidate.terms} isReachable={isSelected} />
        <dl class="card-measures">
          {Object.entries(candidate.measures).slice(0, 3).map(([name, value]) => (
            <div key={name} title={words(name)}><dt>{words(name)}</dt><dd class="number">{decimal(value)}</dd></div>
          ))}
        </dl>
        {candidate.axes && <div class="card-axes"><AxesChart axes={candidate.axes} /></div>}
      </div>
    </>
  );
}
