// Above the time axis: undo and redo, whether everything is saved, how the song ends, and the chosen block in fields.
import { useState } from "preact/hooks";
import { canEdit, change, draft, problem, saveAgain, saved, saveState, step } from "../../state/arrangement";
import { addBlock, changeBlock, type DraftBlock } from "../../state/arrangement_edits";
import { history } from "../../state/history";
import { whyNoMarks } from "../../state/permission";
import { choose, chosenBlock, chosenIndex, move, remove, repeat } from "./selection";
import { sectionOf } from "./words";

const ENDINGS: Record<string, string> = { ring: "the last chord rings", none: "just stops" };

export function TopBar() {
  const [now, known] = [draft.value, saved.value];
  const isFixed = whyNoMarks.value !== null || saveState.value === "refused";
  return (
    <div class="arrangement-bar" role="group" aria-label="Arrangement">
      <button type="button" class="button" data-testid="undo" disabled={history.value.undo === null || isFixed} title={history.value.undo ? `Undo: ${history.value.undo} (Ctrl+Z)` : "Nothing to undo"} onClick={() => step("undo")}>↶ Undo</button>
      <button type="button" class="button" data-testid="redo" disabled={history.value.redo === null || isFixed} title={history.value.redo ? `Redo: ${history.value.redo} (Ctrl+Shift+Z)` : "Nothing to do again"} onClick={() => step("redo")}>↷ Redo</button>
      <SaveSign />
      {now && known && (
        <label class="row small ending">
          <span class="muted">Ending</span>
          <select data-testid="ending" disabled={!canEdit.value} value={now.ending} onChange={(event) => {
            const ending = event.currentTarget.value;
            change((draft) => ({ ...draft, ending }), `Ending: ${ENDINGS[ending] ?? ending}.`);
          }}>
            {known.endings.map((ending) => <option key={ending} value={ending}>{ENDINGS[ending] ?? ending}</option>)}
          </select>
        </label>
      )}
    </div>
  );
}

function SaveSign() {
  const state = saveState.value;
  const isPlanned = saved.value?.planned ?? false;
  return (
    <span class="save-sign" role="status" data-testid="save-state" data-state={state}>
      {state === "saving" && <span class="muted"><span aria-hidden="true">… </span>saving</span>}
      {state === "saved" && saved.value && (isPlanned ? <span class="muted">planned; your first change writes arrangement.yml</span> : <span class="good"><span aria-hidden="true">✓ </span>saved</span>)}
      {state === "refused" && <span class="badge warn"><span aria-hidden="true">! </span>not saved: changed elsewhere</span>}
      {state === "failed" && <span class="badge bad"><span aria-hidden="true">✕ </span>not saved</span>}
      {state === "failed" && problem.value && <button type="button" class="button small" onClick={saveAgain}>Try again</button>}
    </span>
  );
}

export function BlockBar({ song }: { song: string }) {
  const [block, index, n_blocks] = [chosenBlock.value, chosenIndex.value, draft.value?.blocks.length ?? 0];
  if (!block) return null;
  const isFixed = !canEdit.value;
  return (
    <div class="arrangement-bar block-bar" role="group" aria-label={`Block ${block.name}`} data-testid="block-bar">
      <BlockFields key={block.key} block={block} index={index} isFixed={isFixed} />
      <span class="row">
        <button type="button" class="button" data-testid="move-left" disabled={isFixed || index === 0} aria-label={`Move ${block.name} earlier`} title="Earlier (Alt+←)" onClick={() => move(index, index - 1)}>←</button>
        <button type="button" class="button" data-testid="move-right" disabled={isFixed || index === n_blocks - 1} aria-label={`Move ${block.name} later`} title="Later (Alt+→)" onClick={() => move(index, index + 1)}>→</button>
        <button type="button" class="button" data-testid="repeat" disabled={isFixed} onClick={() => repeat(index)}>Repeat</button>
        <button type="button" class="button danger" data-testid="remove" disabled={isFixed || n_blocks < 2} title="Remove (Delete)" onClick={() => remove(index)}>Remove</button>
      </span>
      <AddBlock song={song} index={index} isFixed={isFixed} />
    </div>
  );
}

function BlockFields({ block, index, isFixed }: { block: DraftBlock; index: number; isFixed: boolean }) {
  const renamed = (text: string) => {
    const name = text.trim().replace(/\s+/g, " ");
    if (name && name !== block.name) change((now) => changeBlock(now, index, { name }), `${block.name} is now called ${name}.`);
  };
  const lengthened = (text: string) => {
    const bars = Math.min(256, Math.max(1, Math.round(Number(text))));
    if (Number.isFinite(bars) && bars !== block.bars) change((now) => changeBlock(now, index, { bars }), `${block.name} has ${bars} bars.`);
  };
  const charged = (text: string) => {
    const energy = Math.min(1, Math.max(0, Math.round(Number(text)) / 100));
    if (Number.isFinite(energy) && energy !== block.energy) change((now) => changeBlock(now, index, { energy }), `Energy of ${block.name} is ${Math.round(energy * 100)}.`);
  };
  return (
    <span class="row">
      <label class="row small"><span class="muted">Block</span>
        <input key={block.name} type="text" class="block-title" maxLength={120} defaultValue={block.name} disabled={isFixed} data-testid="block-name" onChange={(event) => renamed(event.currentTarget.value)} />
      </label>
      <label class="row small"><span class="muted">Bars</span>
        <input key={block.bars} type="number" min={1} max={256} defaultValue={String(block.bars)} disabled={isFixed} data-testid="block-bars" onChange={(event) => lengthened(event.currentTarget.value)} />
      </label>
      <label class="row small"><span class="muted">Energy</span>
        <input key={block.energy} type="number" min={0} max={100} defaultValue={String(Math.round(block.energy * 100))} disabled={isFixed} data-testid="block-energy" onChange={(event) => charged(event.currentTarget.value)} />
      </label>
      {block.extra && <span class="chip" title="arrangement.yml says more of its parts: a level, a mute, another first bar, or two parts at once. It is kept.">more in the file</span>}
    </span>
  );
}

function AddBlock({ song, index, isFixed }: { song: string; index: number; isFixed: boolean }) {
  const known = saved.value;
  const sections = Object.keys(known?.choices ?? {}).flatMap((name) => sectionOf(song, name) ?? []);
  const [name, setName] = useState<string | null>(null);
  const section = sections.find((one) => one.name === name) ?? sections[0];
  if (!known || !section) return null;
  const add = () => {
    change((now) => addBlock(now, index, section, known.choices), `A block of ${section.name} added.`);
    choose(index + 1, true);
  };
  return (
    <span class="row add-block">
      <label class="row small"><span class="muted">New</span>
        <select value={section.name} disabled={isFixed} data-testid="add-section" onChange={(event) => setName(event.currentTarget.value)}>
          {sections.map((one) => <option key={one.name} value={one.name}>{one.name}</option>)}
        </select>
      </label>
      <button type="button" class="button" disabled={isFixed} data-testid="add-block" title="Add it behind the chosen block" onClick={add}>Add block</button>
    </span>
  );
}
