// Beside the list: everything that is known of the selected candidate.
import { candidateOf, isRevealed, selected, showCandidate, stageDocument, visibleCandidates } from "../state/stage_document";
import type { Candidate, StageName } from "../types";
import { Badges } from "./badges";
import { CandidateName } from "./candidate_card";
import { decimal, factText, percent, words } from "./format";
import { Measures } from "./measures";
import { AxesChart, MarksBar, WhyPanel, WordsPanel } from "./slots";
import { TermTable } from "./terms";

export function Details({ song, stage }: { song: string; stage: StageName }) {
  const candidate = selected.value;
  const open = stageDocument.value;
  return (
    <aside class="details-panel" aria-label="Details of the selected candidate" data-testid="details">
      {candidate === null || open === null ? <p class="empty small">Select a candidate to see what is known of it.</p> : <Known key={candidate.id} candidate={candidate} song={song} stage={stage} />}
    </aside>
  );
}

function Known({ candidate, song, stage }: { candidate: Candidate; song: string; stage: StageName }) {
  const isOpen = isRevealed(candidate);
  const place = visibleCandidates.value.findIndex((one) => one.id === candidate.id) + 1;
  const open = stageDocument.value!;
  return (
    <>
      <h2 class="details-name"><CandidateName candidate={candidate} place={place} isOpen={isOpen} /></h2>
      {candidate.stated && candidate.stated !== candidate.status && <p class="small muted">{`The file says “${candidate.stated}”, understood as ${candidate.status}.`}</p>}
      <MarksBar candidate={candidate} place="details" />
      {stage === "lyrics" && <WordsPanel song={song} id={candidate.id} />}
      {!isOpen ? <p class="muted small">Blind: what the machine knows of it is shown once you have judged it.</p> : (
        <>
          {candidate.like && <p class="problem">{`It sounds like ${candidate.like}. Listen for it before you approve.`}</p>}
          <Badges candidate={candidate} />
          <Facts candidate={candidate} />
          <Section title="Provenance"><Provenance candidate={candidate} /></Section>
          {candidate.axes && <Section title="Axes"><AxesChart axes={candidate.axes} detailed /></Section>}
          <Section title="Theory terms"><TermTable terms={candidate.terms} weights={open.weights} /></Section>
          {Object.keys(candidate.measures).length > 0 && <Section title="Measures"><Measures measures={candidate.measures} ranges={open.measures} /></Section>}
          <WhyPanel song={song} stage={stage} id={candidate.id} axes={candidate.axes === null} />
        </>
      )}
    </>
  );
}

function Section({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <section class="details-part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Facts({ candidate }: { candidate: Candidate }) {
  const facts = Object.entries(candidate.facts).map(([name, value]) => [words(name), factText(value)] as const).filter(([, text]) => text !== "");
  const scores: [string, string][] = [
    ["fitness", decimal(candidate.fitness)], ["match", percent(candidate.match)], ["confidence", percent(candidate.confidence)], ["novelty", decimal(candidate.novelty)],
  ];
  return (
    <dl class="fact-list">
      {[...scores, ...facts].map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Provenance({ candidate }: { candidate: Candidate }) {
  const { parents, generation, seed, file, id, blind } = candidate;
  return (
    <dl class="fact-list">
      <div><dt>id</dt><dd class="mono">{id}</dd></div>
      <div><dt>file</dt><dd class="mono">{file}</dd></div>
      {generation !== null && <div><dt>generation</dt><dd>{generation}</dd></div>}
      {seed !== null && <div><dt>seed</dt><dd>{seed}</dd></div>}
      <div>
        <dt>parents</dt>
        <dd>{parents.length === 0 ? "none" : parents.map((parent) => <Parent key={parent} id={parent} />)}</dd>
      </div>
      {blind && <div><dt>judged</dt><dd>blind</dd></div>}
    </dl>
  );
}

/** A parent that is listed can be gone to; one that the search let go is only named. */
function Parent({ id }: { id: string }) {
  if (!candidateOf(id)) return <span class="mono muted parent" title="It was not kept">{id}</span>;
  return <button class="link mono parent" data-testid={`parent-${id}`} onClick={() => showCandidate(id)}>{id}</button>;
}
