// What went wrong and stays on the screen until it is read. Shown above the list as an alert, so it is also spoken.
import { signal } from "@preact/signals";
import { ApiError } from "../api";

export interface Notice { text: string; details: string | null } // details: a difference, as lines

export const notice = signal<Notice | null>(null);

/** Show why something did not happen. `what` is the thing that did not: "The mark was not saved". */
export function complain(what: string, reason: unknown): void {
  const text = reason instanceof Error ? reason.message : String(reason);
  notice.value = { text: `${what}: ${text}`, details: differenceIn(reason) };
}

/** The thing works again: take away what was said of it. */
export function settle(what: string): void {
  if (notice.peek()?.text.startsWith(`${what}: `)) dismissNotice();
}

export function dismissNotice(): void {
  notice.value = null;
}

function differenceIn(reason: unknown): string | null {
  if (!(reason instanceof ApiError) || typeof reason.body !== "object" || reason.body === null) return null;
  const difference = "difference" in reason.body ? reason.body.difference : null;
  return typeof difference === "string" && difference ? difference : null;
}
