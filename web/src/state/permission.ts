// Why something cannot be done now, in words that stand beside the disabled control. null: it can.
import { computed } from "@preact/signals";
import { library } from "./library";

/** Why nothing may be marked. */
export const whyNoMarks = computed(() =>
  library.value?.read_only ? "This studio was opened read only: nothing can be marked." : null,
);

/** Why nothing can be composed. */
export const whyNoSearch = computed(() => {
  const known = library.value;
  if (known === null) return "The studio is still being asked what it has.";
  if (known.read_only) return "This studio was opened read only: nothing can be composed.";
  if (known.model === null) return "There is no scorer: start the studio with --model to compose and evolve.";
  return null;
});
