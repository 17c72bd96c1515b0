// Above a song's stages and its arrangement: what song it is, and the way from one to the next.
import { arrangementHref, nextHref, stageHref, STAGES } from "../router";
import { songOf } from "../state/library";
import type { StageName } from "../types";
import { bpm, clock, PHASE_SIGNS } from "./format";
import { phaseText } from "./phases";
import { Swatch } from "./swatch";

/** For the line at the top: title, color, and what musicians ask first. */
export function SongTitle({ song: id }: { song: string }) {
  const song = songOf(id);
  return (
    <div class="song-title">
      <h1 title={song?.folder}>{song ? song.title || song.folder : "…"}</h1>
      {song && <Swatch hex={song.hex} name={song.class} />}
      {song && <span class="muted small">{[song.key, song.meter, bpm(song.tempo_bpm), clock(song.duration_s)].filter(Boolean).join(" · ")}</span>}
    </div>
  );
}

export function SongHeader({ song: id, here }: { song: string; here: StageName | "arrangement" }) {
  const song = songOf(id);
  const phases = new Map(song?.phases.map((phase) => [phase.stage, phase]));
  const next = song && song.next.action !== "open" ? song.next : null;
  const isHere = next !== null && here === (next.stage ?? "arrangement");
  return (
    <div class="song-header">
      <nav aria-label="Stages of this song">
        <ul class="stage-tabs">
          {STAGES.map((stage) => {
            const phase = phases.get(stage);
            return (
              <li key={stage}>
                <a href={stageHref(id, stage)} data-testid={`stage-tab-${stage}`} aria-current={here === stage ? "page" : undefined} title={phase && phaseText(phase)}>
                  {phase && <span class="sign" aria-hidden="true">{PHASE_SIGNS[phase.state]}</span>}
                  {stage}
                  {phase && <span class="visually-hidden">: {phaseText(phase)}</span>}
                </a>
              </li>
            );
          })}
          <li>
            <a href={arrangementHref(id)} data-testid="stage-tab-arrangement" aria-current={here === "arrangement" ? "page" : undefined}>arrangement</a>
          </li>
        </ul>
      </nav>
      {next && (
        <p class="next-step small" data-testid="next-step" title={next.text}>
          <span class="muted">Next: </span>
          {isHere ? <strong>{next.text}</strong> : <a href={nextHref(id, next)}>{next.text}</a>}
        </p>
      )}
    </div>
  );
}
