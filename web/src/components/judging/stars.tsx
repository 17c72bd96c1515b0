// One to five stars. The star that is set takes the rating away again.
import type { Candidate } from "../../types";
import { rate } from "../../state/judging";
import { whyNoMarks } from "../../state/permission";

const STARS = [1, 2, 3, 4, 5];

export function Stars({ candidate, prefix = "" }: { candidate: Candidate; prefix?: string }) {
  const { id, rating } = candidate;
  const reason = whyNoMarks.value;
  return (
    <span class="stars" role="group" aria-label={rating === null ? "Stars: none" : `Stars: ${rating} of 5`}>
      {STARS.map((n) => (
        <button
          key={n}
          type="button"
          class="star"
          disabled={reason !== null}
          title={reason ?? `${n === 1 ? "1 star" : `${n} stars`} (${n})`}
          aria-label={n === 1 ? "1 star" : `${n} stars`}
          aria-pressed={rating === n}
          data-filled={rating !== null && n <= rating}
          data-testid={`${prefix}star-${id}-${n}`}
          onClick={() => rate(candidate, rating === n ? null : n)}
        >
          {rating !== null && n <= rating ? "★" : "☆"}
        </button>
      ))}
    </span>
  );
}
