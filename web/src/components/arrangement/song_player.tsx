// The bar at the bottom: the whole song, where it is, and how it is heard.
import { player } from "../../audio/player";
import { problem as arrangementProblem } from "../../state/arrangement";
import { isHeard, secondsAt, songProblem, wholeSong } from "../../state/whole_song";
import { clock } from "../format";
import { Position } from "../transport_position";
import { LevelMeter, Settings } from "../transport_settings";
import { follows } from "./cursor";

export function SongPlayer() {
  const { playing, ready, problem } = player.state.value;
  const whole = wholeSong.value;
  const canPlay = whole !== null && isHeard();
  const isPlaying = playing && canPlay;
  const label = isPlaying ? "Pause" : "Play the whole song";
  return (
    <section class="transport" aria-label="Player" data-testid="transport">
      <div class="line">
        <button type="button" class="button primary play" disabled={!canPlay} aria-busy={canPlay && !ready} aria-label={label} title={`${label} (Space)`} data-testid="song-play" onClick={() => void player.toggle()}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            {isPlaying ? <path d="M3 2h3.5v12H3zM9.5 2H13v12H9.5z" fill="currentColor" /> : <path d="M3.5 1.5v13l10.5-6.5z" fill="currentColor" />}
          </svg>
        </button>
        <span class="title">The whole song{whole ? `, ${clock(secondsAt(whole.roll, whole.roll.end_tick))}` : ""}</span>
        {canPlay ? <Position /> : <span class="position" />}
        <label class="setting small"><input type="checkbox" data-testid="follow" checked={follows.value} onChange={(event) => (follows.value = event.currentTarget.checked)} />Follow</label>
        <LevelMeter />
        <Settings />
      </div>
      {songProblem.value && songProblem.value !== arrangementProblem.value && <p class="problem" role="status">{songProblem.value}</p>}
      {problem && <p class="problem" role="status">{problem}</p>}
    </section>
  );
}
