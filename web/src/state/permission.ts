// Why something cannot be done now, in words that stand beside the disabled control. null: it can.
import { computed } from "@preact/signals";
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
