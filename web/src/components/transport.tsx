// The bar at the bottom: what is heard, where it is, and everything that can be turned while it plays.
import { player } from "../audio/player";
import { ChoiceButtons, StageButtons } from "./transport_mix";
import { Position } from "./transport_position";
import { LevelMeter, Settings } from "./transport_settings";

function PlayButton() {
  const { scene, playing, ready } = player.state.value;
  const label = playing ? "Pause" : "Play";
  return (
    <button type="button" class="button primary play" disabled={!scene} aria-label={label} title={`${label} (Space)`} data-testid="play"
      aria-busy={scene !== null && !ready} onClick={() => void player.toggle()}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        {playing ? <path d="M3 2h3.5v12H3zM9.5 2H13v12H9.5z" fill="currentColor" /> : <path d="M3.5 1.5v13l10.5-6.5z" fill="currentColor" />}
      </svg>
    </button>
  );
}

function Title() {
  const { scene, playing, ready } = player.state.value;
  const now = !scene ? "Nothing to hear yet" : !ready && playing ? "One moment…" : scene.title;
  return <span class="title" title={scene?.title}>{now}</span>;
}

export function Transport() {
  const { scene, problem } = player.state.value;
  return (
    <section class="transport" aria-label="Player" data-testid="transport">
      <div class="line">
        <PlayButton />
        <Title />
        <Position />
        <ChoiceButtons />
        <LevelMeter />
      </div>
      <div class="line">
        {scene ? <StageButtons /> : null}
        <Settings />
      </div>
      {problem ? <p class="problem" role="status">{problem}</p> : null}
    </section>
  );
}
