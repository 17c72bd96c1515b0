// The dialogs of judging, one at a time; a conflict lies over whatever is open.
import "../../styles/judging.css";
import { openDialog } from "../../state/dialogs";
import { songOf } from "../../state/library";
import { stageDocument } from "../../state/stage_document";
import { CheatSheet } from "./cheat_sheet";
import { CompareView } from "./compare_view";
import { ConflictDialog } from "./conflict_dialog";
import { PromoteDialog } from "./promote_dialog";
import { SearchDialog } from "./search_dialog";

export function Overlays() {
  const song = stageDocument.value?.song;
  return (
    <>
      {openDialog.value === "cheat-sheet" && <CheatSheet />}
      {openDialog.value === "compare" && <CompareView />}
      {openDialog.value === "promote" && song !== undefined && <PromoteDialog song={song} />}
      {openDialog.value === "search" && song !== undefined && <SearchDialog song={songOf(song)} />}
      <ConflictDialog />
    </>
  );
}
