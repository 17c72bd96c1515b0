import { useEffect } from "preact/hooks";
import { CandidateJudging, JudgingBar, Transport } from "../components/slots";
import { songOf } from "../state/library";
import { openStage, visibleCandidates } from "../state/stage_document";
import type { StageName } from "../types";

export function StageView({ song, stage }: { song: string; stage: StageName }) {
  useEffect(() => void openStage(song, stage), [song, stage]);
  return (
    <main id="main">
      <JudgingBar song={songOf(song)} stage={stage} />
      <ul>{visibleCandidates.value.map((one) => <li key={one.id} data-testid={`candidate-${one.id}`}>{one.id} <CandidateJudging candidate={one} /></li>)}</ul>
      <Transport />
    </main>
  );
}
