// Everything one may say of a candidate, in one line; the note and the words of the buttons where there is room.
import "../../styles/judging.css";
import type { Candidate, Status } from "../../types";
import { letterOf } from "../../state/compare";
import { setStatus, wishFor } from "../../state/judging";
import { isNew } from "../../state/newcomers";
import { whyNoMarks } from "../../state/permission";
import { LabelField } from "./label_field";
import { NotesField } from "./notes_field";
import { Stars } from "./stars";

/** card: one line; details and compare: with the note. Names for tests have no prefix where a control stands first. */
export type MarksPlace = "card" | "details" | "compare";
interface Props { candidate: Candidate; place?: MarksPlace }

const STATUSES: { status: Status; verb: string; sign: string; key: string; hook: string }[] = [
  { status: "approved", verb: "Approve", sign: "✓", key: "a", hook: "approve" },
  { status: "rejected", verb: "Reject", sign: "✕", key: "r", hook: "reject" },
  { status: "undecided", verb: "Undecided", sign: "?", key: "u", hook: "undecided" },
];
const WISHES = [
  { wish: "more", text: "More like this", sign: "+" },
  { wish: "less", text: "Less like this", sign: "−" },
] as const;

export function MarksBar({ candidate, place = "card" }: Props) {
  const prefix = place === "card" ? "" : `${place}-`;
  const letter = letterOf(candidate.id);
  return (
    <div class={`marks-bar in-${place}`} role="group" aria-label={`Marks, ${candidate.status}`}>
      <StatusButtons candidate={candidate} prefix={prefix} withWords={place === "details"} />
      <Stars candidate={candidate} prefix={prefix} />
      <LabelField candidate={candidate} prefix={prefix} />
      <WishButtons candidate={candidate} prefix={prefix} withWords={place === "details"} />
      {letter !== null && place === "card" && <span class="badge" title="In the comparison (x)">{letter}<span class="visually-hidden"> in the comparison</span></span>}
      {isNew(candidate.id) && <span class="badge good">new</span>}
      {place !== "card" && <NotesField candidate={candidate} prefix={place === "compare" ? prefix : ""} />}
    </div>
  );
}

interface Part { candidate: Candidate; prefix: string; withWords: boolean }

function StatusButtons({ candidate, prefix, withWords }: Part) {
  const reason = whyNoMarks.value;
  return (
    <span class="segments" role="group" aria-label="Status">
      {STATUSES.map(({ status, verb, sign, key, hook }) => (
        <button
          key={status}
          type="button"
          class={`segment ${status}`}
          disabled={reason !== null}
          title={reason ?? `${verb} (${key})`}
          aria-label={verb}
          aria-pressed={candidate.status === status}
          data-testid={`${prefix}${hook}-${candidate.id}`}
          onClick={() => setStatus(candidate, status)}
        >
          <span aria-hidden="true">{sign}</span>
          {withWords && <span>{verb}</span>}
        </button>
      ))}
    </span>
  );
}

function WishButtons({ candidate, prefix, withWords }: Part) {
  const reason = whyNoMarks.value;
  return (
    <span class="segments" role="group" aria-label="For the next evolution">
      {WISHES.map(({ wish, text, sign }) => (
        <button
          key={wish}
          type="button"
          class={`segment wish-${wish}`}
          disabled={reason !== null}
          title={reason ?? `${text} (${sign === "+" ? "+" : "-"})`}
          aria-label={text}
          aria-pressed={candidate.wish === wish}
          data-testid={`${prefix}${wish}-${candidate.id}`}
          onClick={() => wishFor(candidate, wish)}
        >
          <span aria-hidden="true">{sign}</span>
          {withWords && <span>{text}</span>}
        </button>
      ))}
    </span>
  );
}
