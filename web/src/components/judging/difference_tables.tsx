// Numbers and facts of compared candidates, side by side. Who has most, and what differs, is said in words and by a sign.
import { useState } from "preact/hooks";
import { figure, type FactRow, type NumberRow } from "../../state/difference";

const FIRST = 10;
const KINDS: Record<NumberRow["kind"], string> = { score: "score", theory: "theory", measure: "measure" };

export function NumberTable({ rows, letters }: { rows: NumberRow[]; letters: string[] }) {
  const [isLong, setLong] = useState(false);
  const apart = rows.filter((row) => row.spread > 0);
  const shown = isLong ? rows : apart.slice(0, FIRST);
  if (rows.length === 0) return null;
  return (
    <div class="stack">
      <table class="differences">
        <caption class="visually-hidden">Numbers, those that differ most first</caption>
        <thead>
          <tr><th scope="col">Number</th><th scope="col">Of</th>{letters.map((letter) => <th key={letter} scope="col" class="number">{letter}</th>)}</tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={`${row.kind} ${row.name}`}>
              <th scope="row">{row.name}</th>
              <td class="muted">{KINDS[row.kind]}</td>
              {row.values.map((value, index) => (
                <td key={letters[index]} class={index === row.highest ? "number most" : "number"}>
                  {index === row.highest && <span title="most">▲<span class="visually-hidden">most: </span> </span>}
                  {value === null ? "–" : figure(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown.length || isLong ? (
        <button type="button" class="button quiet small start" aria-expanded={isLong} onClick={() => setLong(!isLong)}>
          {isLong ? "Only what differs most" : `All ${rows.length} numbers`}
        </button>
      ) : null}
    </div>
  );
}

export function FactTable({ rows, letters }: { rows: FactRow[]; letters: string[] }) {
  const apart = rows.filter((row) => !row.isSame);
  if (apart.length === 0) return null;
  return (
    <table class="differences facts">
      <caption class="visually-hidden">What the stage tells of them, where it differs</caption>
      <thead>
        <tr><th scope="col">Fact</th>{letters.map((letter) => <th key={letter} scope="col">{letter}</th>)}</tr>
      </thead>
      <tbody>
        {apart.map((row) => (
          <tr key={row.name}>
            <th scope="row">{row.name}</th>
            {row.words.map((words, index) => (
              <td key={letters[index]}>
                {words.map((word, place) => (
                  <span key={place}>{place > 0 ? " " : ""}{word.differs && words.length > 1 ? <mark>{word.text}</mark> : word.text}</span>
                ))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
