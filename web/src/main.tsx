// The page: one header, one view by the address, one live region.
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/songs.css";
import "./styles/stage.css";
import "./styles/roll.css";
import "./styles/transport.css";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Header } from "./components/header";
import { ArrangementView, Overlays } from "./components/slots";
import { rollsEpoch } from "./components/candidate_list";
import { route, songsHref } from "./router";
import { announcement } from "./state/announce";
import { onChange, songOf, watchLibrary } from "./state/library";
import { rollsChanged } from "./state/rolls";
import { refresh, stageDocument } from "./state/stage_document";
import { SongsView } from "./views/songs";
import { StageView } from "./views/stage";

/** The first stage that is not wholly approved, else the last: where the work is. */
function openStageOf(song: string) {
  const phases = songOf(song)?.phases;
  return phases?.find((phase) => phase.state !== "approved")?.stage ?? phases?.at(-1)?.stage ?? "chords";
}

function View() {
  const place = route.value;
  switch (place.view) {
    case "songs": return <SongsView />;
    case "stage": return <StageView song={place.song} stage={place.stage ?? openStageOf(place.song)} />;
    case "arrangement": return <ArrangementView song={place.song} />;
    case "unknown": return <main id="main" class="empty"><h1>There is nothing at this address</h1><a href={songsHref}>All songs</a></main>;
  }
}

function skipToMain(event: Event) {
  event.preventDefault(); // the address after # is the route
  const main = document.getElementById("main");
  main?.setAttribute("tabindex", "-1");
  main?.focus();
}

function Page() {
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
