// Lyrics under the melody: the whole text on top, every syllable under its note below, and how it fits while it is typed.
import { useEffect, useMemo } from "preact/hooks";
import { library } from "../../state/library";
import type { Words } from "../../types";
import { Line } from "./line";
import { open_editor, type Editor } from "./state";
import { with_line } from "./text";

export function WordsPanel({ song, id }: { song: string; id: string }) {
  const editor = useMemo(() => open_editor(song, id), [song, id]);
  useEffect(() => {
    void editor.begin();
    return editor.close;
  }, [editor]);
  const shown = editor.shown.value, problem = editor.problem.value;
  return (
    <section class="words" aria-label="Words" data-testid="words">
      <h3>Words</h3>
      <Which editor={editor} id={id} />
      {problem ? <p class="problem" role="alert">{problem}</p> : null}
      {shown ? <Body editor={editor} shown={shown} /> : problem ? null : <p class="muted small">Reading the words …</p>}
    </section>
  );
}

function Which({ editor, id }: { editor: Editor; id: string }) {
  const name = editor.approved_name.value;
  if (name === null) return <p class="muted small">Saved as a new candidate; this one keeps its words.</p>;
  return (
    <label class="row small">
      Edit
      <select value={editor.approved.value ? "approved" : "candidate"} onChange={(event) => editor.choose(event.currentTarget.value === "approved")} data-testid="words-which">
        <option value="approved">{`the approved text ${name}, sung anew`}</option>
        <option value="candidate">{`a new candidate from ${id}`}</option>
      </select>
    </label>
  );
}

function Body({ editor, shown }: { editor: Editor; shown: Words }) {
  const text = editor.text.value, locked = library.value?.read_only === true;
  const isChanged = text !== (editor.saved.value?.text ?? "");
  const pitches = shown.lines.flatMap((line) => line.syllables.map((slot) => slot.pitch));
  const range: [number, number] = [Math.min(...pitches), Math.max(...pitches)];
  return (
    <>
      <textarea class="words-text" aria-label="Words, a line for each phrase; an empty line begins the next stanza" rows={Math.min(12, text.split("\n").length + 1)}
        value={text} readOnly={locked} spellcheck onInput={(event) => editor.type(event.currentTarget.value)} data-testid="words-text" />
      <FitBar shown={shown} />
      <ol class="words-lines">
        {shown.lines.map((line, k) => <Line key={k} line={line} number={k + 1} range={range} locked={locked} onText={(next) => editor.type(with_line(editor.text.peek(), shown, k, next))} />)}
      </ol>
      {shown.problems.length > 0 && <ul class="words-problems small muted" aria-label="What could be better">{shown.problems.map((one) => <li key={one}>{one}</li>)}</ul>}
      <div class="row">
        <button type="button" class="button primary small" disabled={!isChanged || editor.saving.value || locked} title={locked ? "This studio was opened read-only" : "Ctrl+Z in the list takes it back"}
          onClick={() => void editor.save()} data-testid="words-save">{editor.saving.value ? "Saving …" : editor.approved.value ? "Save and sing anew" : "Save as new candidate"}</button>
        <button type="button" class="button small" disabled={!isChanged} onClick={() => editor.type(editor.saved.peek()?.text ?? "")}>Back to what was saved</button>
      </div>
    </>
  );
}

function FitBar({ shown }: { shown: Words }) {
  const percent = (name: string) => `${Math.round(100 * (shown.terms[name] ?? 0))} %`;
  return (
    <p class="small" role="status" data-testid="words-fit">
      {`Fit ${Math.round(100 * shown.fit)} %: ${percent("syllables")} of notes with a syllable of their own, ${percent("stress")} of long words keep their stress, ${percent("rhymed")} of lines rhyme.`}
    </p>
  );
}
