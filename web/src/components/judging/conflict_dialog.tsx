// Two people, one field: what was shown, what each of them said, and whose word counts.
import type { MarkConflict } from "../../types";
import { conflicts, keepTheirs, useMine } from "../../state/marks";
import { Dialog } from "./dialog";

const NAMES: Record<MarkConflict["field"], string> = { status: "status", label: "label", rating: "stars", notes: "note", wish: "wish" };

const HEADS = ["Candidate", "Field", "Shown here before", "Theirs, in the file", "Yours"];

export function ConflictDialog() {
  const [met] = conflicts.value;
  if (!met) return null;
  return (
    <Dialog
      key={met.changes.map((one) => one.id + one.field).join()}
      title="Somebody changed this meanwhile"
      onClose={() => {
        if (conflicts.peek()[0] === met) keepTheirs();
      }}
      testid="conflict"
      isConflict
      actions={
        <>
          <button type="button" class="button" data-testid="keep-theirs" onClick={keepTheirs}>Keep theirs</button>
          <button type="button" class="button primary" data-testid="use-mine" onClick={useMine}>Use mine</button>
        </>
      }
    >
      <p>{met.stage}/review.yml was changed after this page had read it. Nothing was written; closing this keeps theirs.</p>
      <table class="conflicts">
        <thead>
          <tr>{HEADS.map((head) => <th key={head} scope="col">{head}</th>)}</tr>
        </thead>
        <tbody>
          {met.conflicts.map((one) => (
            <tr key={one.id + one.field}>
              <th scope="row" class="mono">{one.id}</th>
              <td>{NAMES[one.field]}</td>
              <td>{inWords(one.shown)}</td>
              <td><strong>{inWords(one.theirs)}</strong></td>
              <td><strong>{inWords(one.yours)}</strong></td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}

function inWords(value: string | number | null) {
  return value === null || value === "" ? <span class="muted">nothing</span> : String(value);
}
