// Where a candidate stands, in words: kept by the search, chosen automatically, promoted, made by hand.
import type { Candidate } from "../types";

export function Badges({ candidate }: { candidate: Candidate }) {
  const { promoted, auto, kept, by_hand, like } = candidate;
  return (
    <span class="badges">
      {promoted && <span class="badge good" title={`It stands in approved/ as ${promoted}`}>{`promoted: ${promoted}`}</span>}
      {auto && <span class="badge" title="Chosen by --auto, not by you">auto</span>}
      {kept && <span class="badge" title="Among the best and most different of its section">kept</span>}
      {by_hand && <span class="badge" title="A file of your own, not from the search">by hand</span>}
      {like && <span class="badge warn" title={`It sounds like ${like}`}>reminds of a song</span>}
    </span>
  );
}
