// Six small states of a song's stages: a sign and words for each, a link to its candidates.
import { stageHref } from "../router";
import type { Phase } from "../types";
import { PHASE_SIGNS, plural } from "./format";

export function phaseText(phase: Phase): string {
  const parts: string[] = [phase.state, plural(phase.candidates, "candidate")];
  if (phase.marked) parts.push(`${phase.marked} marked`);
  if (phase.approved) parts.push(`${phase.approved} approved`);
  if (phase.auto) parts.push(`${phase.auto} chosen automatically`);
  if (phase.missing.length && phase.state !== "open") parts.push(`nothing approved yet in ${phase.missing.join(", ")}`);
  return parts.join(", ");
}

export function Phases({ song, phases }: { song: string; phases: readonly Phase[] }) {
  return (
    <ol class="phases" aria-label="Stages">
      {phases.map((phase) => (
        <li key={phase.stage} data-state={phase.state}>
          <a href={stageHref(song, phase.stage)} title={phaseText(phase)}>
            <span class="sign" aria-hidden="true">{PHASE_SIGNS[phase.state]}</span>
            {phase.stage}
            <span class="visually-hidden">: {phaseText(phase)}</span>
          </a>
        </li>
      ))}
    </ol>
  );
}
