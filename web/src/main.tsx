// The page: one header, one view by the address, one live region.
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/songs.css";
import "./styles/stage.css";
import "./styles/roll.css";
import "./styles/transport.css";
import "./styles/words.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Header } from "./components/header";
import { ArrangementView, Overlays } from "./components/slots";
import { rollsEpoch } from "./components/candidate_list";
import { go, route, songsHref, stageHref, type Route } from "./router";
import { announce, announcement } from "./state/announce";
import { library, onChange, songOf, watchLibrary } from "./state/library";
import { rollsChanged } from "./state/rolls";
import { refresh, stageDocument } from "./state/stage_document";
import { SongsView } from "./views/songs";
import { StageView } from "./views/stage";

/** A song without a stage in its address: go to the first that is not wholly approved, where the work is. */
function FirstStage({ song }: { song: string }) {
  const known = songOf(song);
  const isKnown = library.value !== null;
  useEffect(() => {
    const stage = known?.phases.find((phase) => phase.state !== "approved")?.stage ?? known?.phases.at(-1)?.stage;
    if (isKnown) go(stageHref(song, stage ?? "chords"), true);
  }, [song, isKnown]);
  return <main id="main" class="empty" aria-busy="true">Opening the song …</main>;
}

/** The tab's name, said aloud when one goes elsewhere. */
function titleOf(place: Route): string {
  if (place.view === "songs") return "Songs";
  if (place.view === "unknown") return "Nothing here";
  return `${songOf(place.song)?.title ?? "Song"}, ${place.view === "stage" ? (place.stage ?? "opening") : "arrangement"}`;
}

function View() {
  const place = route.value;
  switch (place.view) {
    case "songs": return <SongsView />;
    case "stage": return place.stage ? <StageView song={place.song} stage={place.stage} /> : <FirstStage song={place.song} />;
    case "arrangement": return <ArrangementView song={place.song} />;
    case "unknown": return <main id="main" class="empty"><h1>There is nothing at this address</h1><a href={songsHref}>All songs</a></main>;
  }
}

function skipToMain(event: Event) {
  event.preventDefault(); // the address after # is the route
  focusMain();
}

/** A link that led here is gone with its view: what comes next by Tab lies in the new one. */
function keepFocus() {
  if (document.activeElement === null || document.activeElement === document.body) focusMain();
}

function focusMain() {
  const main = document.getElementById("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}

function Page() {
  const title = titleOf(route.value);
  useEffect(() => {
    document.title = `${title} – whitelight studio`;
    announce(title);
    requestAnimationFrame(keepFocus); // after the view that left took its focus with it
  }, [title]);
  useEffect(watchLibrary, []);
  useEffect(() => onChange((change) => {
    const open = stageDocument.value;
    if (open === null || (change !== null && (change.song !== open.song || !change.stages.includes(open.stage)))) return;
    rollsChanged(open.song, open.stage);
    rollsEpoch.value += 1;
    void refresh();
  }), []);
  return (
    <div class="shell">
      <a class="skip" href="#main" onClick={skipToMain}>Skip to content</a>
      <Header />
      <View />
      <Overlays />
      <div class="visually-hidden" role="status" aria-live="polite" data-testid="announcement">{announcement.value}</div>
    </div>
  );
}

render(<Page />, document.getElementById("app")!);
