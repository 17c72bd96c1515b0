// Who is heard: solo and mute for each stage of the scene, and A, B, C, D where there are choices.
import { player } from "../audio/player";
import { parts_of } from "../audio/score";
import type { StageName } from "../types";

export function StageButtons() {
  const { scene, muted, solo } = player.state.value;
  const stages = [...new Set(scene ? parts_of(scene).map((part) => part.stage) : [])];
  return (
    <ul class="stages" aria-label="Stages that are heard">
      {stages.map((stage) => <StageSwitch key={stage} stage={stage} muted={muted.has(stage)} solo={solo.has(stage)} quiet={solo.size > 0 ? !solo.has(stage) : muted.has(stage)} />)}
    </ul>
  );
}

function StageSwitch({ stage, muted, solo, quiet }: { stage: StageName; muted: boolean; solo: boolean; quiet: boolean }) {
  return (
    <li class="stage-switch" data-quiet={quiet}>
      <span class="name">{stage}</span>
      <button type="button" class="button small" aria-pressed={solo} aria-label={`Solo ${stage}`} title={`Hear only ${stage}`} data-testid={`solo-${stage}`}
        onClick={() => player.soloed(stage, !solo)}>S</button>
      <button type="button" class="button small" aria-pressed={muted} aria-label={`Mute ${stage}`} title={`Silence ${stage}`} data-testid={`mute-${stage}`}
        onClick={() => player.mute(stage, !muted)}>M</button>
    </li>
  );
}

export function ChoiceButtons() {
  const { scene, choice } = player.state.value;
  if (!scene || scene.choices.length < 2) return null;
  const arrow = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (choice + by + scene.choices.length) % scene.choices.length;
    player.choose(next);
    (event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=radio]")[next]?.focus();
  };
  return (
    <div class="choices" role="radiogroup" aria-label="Which choice is heard" onKeyDown={arrow}>
      {scene.choices.map(({ name, part }, k) => (
        <button type="button" key={name} class="button small" role="radio" aria-checked={k === choice} tabIndex={k === choice ? 0 : -1}
          aria-label={`Hear ${name}`} title={part.key} data-testid={`choice-${name}`} onClick={() => player.choose(k)}>{name}</button>
      ))}
    </div>
  );
}
