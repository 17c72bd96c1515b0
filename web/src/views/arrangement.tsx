// The arrangement of a song: blocks, parts and energy over one time axis, heard as a whole and exported.
import { useEffect } from "preact/hooks";
import "../styles/arrangement.css";
import "../styles/transport.css";
import { player } from "../audio/player";
import { Exports } from "../components/arrangement/exports";
import { Refusal } from "../components/arrangement/refusal";
import { SongPlayer } from "../components/arrangement/song_player";
import { Timeline } from "../components/arrangement/timeline";
import { BlockBar, TopBar } from "../components/arrangement/top_bar";
import { Unheard } from "../components/arrangement/unheard";
import { SongHeader } from "../components/song_header";
import { closeArrangement, draft, heardOf, openArrangement, problem, saved, step } from "../state/arrangement";
import { resumeJobs } from "../state/jobs";
import { onChange, songOf } from "../state/library";
import { whyNoMarks } from "../state/permission";
import { isHeard } from "../state/whole_song";

export function ArrangementView({ song: id }: { song: string }) {
  useEffect(() => {
    player.pause();
    void openArrangement(id);
    void resumeJobs();
    const stop = onChange(heardOf);
    return () => {
      stop();
      closeArrangement();
    };
  }, [id]);
  useEffect(() => {
    document.addEventListener("keydown", keyed);
    return () => document.removeEventListener("keydown", keyed);
  }, []);
  return (
    <main id="main" class="arrangement-view" aria-label={`${songOf(id)?.title ?? "Song"}, arrangement`}>
      <SongHeader song={id} here="arrangement" />
      <div class="arrangement-tools">
        <TopBar />
        <BlockBar song={id} />
      </div>
      <Problems />
      <Unheard />
      <Refusal />
      {draft.value ? <Timeline song={id} /> : <p class="empty">{problem.value ? "The arrangement cannot be shown." : "Reading the arrangement …"}</p>}
      <Exports song={id} />
      <SongPlayer />
    </main>
  );
}

function Problems() {
  const problems = [...(problem.value ? [problem.value] : []), ...(whyNoMarks.value ? ["This studio was opened read only: nothing can be changed."] : []), ...(saved.value?.problems ?? [])];
  if (problems.length === 0) return null;
  return <div class="stage-problems" role="alert">{problems.map((line) => <p class="problem" key={line}>{line}</p>)}</div>;
}

const TYPED_IN = "input:not([type=checkbox], [type=range]), textarea";
const PRESSED_BY_SPACE = "button, a[href], summary, input, select, textarea";

/** Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y everywhere but where text is typed; Space plays where it presses nothing. */
function keyed(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const target = event.target instanceof Element ? event.target : document.body;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y") && !target.closest(TYPED_IN)) {
    step(key === "y" || event.shiftKey ? "redo" : "undo");
  } else if (key === " " && !event.ctrlKey && !event.metaKey && !target.closest(PRESSED_BY_SPACE) && isHeard()) {
    if (!event.repeat) void player.toggle();
  } else return;
  event.preventDefault();
}
