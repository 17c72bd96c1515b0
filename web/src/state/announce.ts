// One polite live region for the whole page: what changed, said once, to those who cannot see it.
import { signal } from "@preact/signals";

export const announcement = signal("");

/** Say a short sentence through the live region; the same sentence twice is said twice. */
export function announce(text: string): void {
  announcement.value = text === announcement.value ? `${text}\u00a0` : text;
}
