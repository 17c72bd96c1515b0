// Why something cannot be done now, in words that stand beside the disabled control. null: it can.
import { computed } from "@preact/signals";
import type { SongCard, StageName } from "../types";
import { library } from "./library";

const READ_ONLY = "This studio was opened read only: nothing can be marked, promoted or composed.";

/** Why nothing may be marked. */
export const whyNoMarks = computed(() =>
  library.value?.read_only ? READ_ONLY : null,
);

/** Why nothing can be composed. */
export const whyNoSearch = computed(() => {
  const known = library.value;
  if (known === null) return "The studio is still being asked what it has.";
  if (known.read_only) return READ_ONLY;
  if (known.model === null) return "There is no scorer: start the studio with --model to compose and evolve.";
  return null;
});

const NEEDS: Partial<Record<StageName, StageName>> = { bass: "chords", melody: "chords", harmony: "chords", lyrics: "melody" }; // as `needs` of composition's stages

/** The stage of which something has to be promoted before this one can be composed; null: it can be. */
export function waitsFor(song: SongCard | undefined, stage: StageName): StageName | null {
  const needed = NEEDS[stage];
  return needed && song?.phases.some((phase) => phase.stage === needed && phase.approved === 0) ? needed : null;
}
