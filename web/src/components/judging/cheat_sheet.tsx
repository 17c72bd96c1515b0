// All keys, from the same table that makes them work.
import { closeDialog } from "../../state/dialogs";
import { keysOn, SHORTCUTS, switchKeys, type Group } from "../../state/shortcuts";
import { Dialog } from "./dialog";

const GROUPS: Group[] = ["Listen", "Judge", "Compare", "Work"];

export function CheatSheet() {
  return (
    <Dialog title="Keys" onClose={closeDialog} testid="cheat-sheet" wide>
      <label class="row">
        <input type="checkbox" checked={keysOn.value} onChange={(event) => switchKeys(event.currentTarget.checked)} />
        Single keys act; buttons do everything as well
      </label>
      <div class="key-groups">
        {GROUPS.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl class="keys">
              {SHORTCUTS.filter((one) => one.group === group).map((one) => (
                <div key={one.shown}>
                  <dt>{one.shown.split(/( or | … )/).map((piece, index) => (index % 2 ? piece : <kbd key={piece}>{piece}</kbd>))}</dt>
                  <dd>{one.text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p class="small muted">Keys rest while you type in a field. Escape leaves a field or closes a dialog.</p>
    </Dialog>
  );
}
