// Numbers and names as people read them.
import type { PhaseState, Status } from "../types";

/** 0.925 → "93 %"; null → "–". */
export const percent = (share: number | null): string => (share === null ? "–" : `${Math.round(share * 100)} %`);
/** Two decimals, a real minus sign; null → "–". */
export const decimal = (value: number | null): string => (value === null ? "–" : value.toFixed(2).replace("-", "−"));
/** 213.4 → "3:33". */
export const clock = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
/** "kick_lock" → "kick lock". */
export const words = (name: string): string => name.replaceAll("_", " ");
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
export const bpm = (tempo: number): string => `${Number.isInteger(tempo) ? tempo : tempo.toFixed(1)} bpm`;

/** Signs beside the words, never instead of them. */
export const STATUS_SIGNS: Record<Status, string> = { approved: "✓", rejected: "✕", undecided: "○" };
export const PHASE_SIGNS: Record<PhaseState, string> = { open: "○", composed: "◔", "partly approved": "◑", approved: "●" };

/** What a stage tells people, as text: lists with commas, nothing for nothing. */
export function factText(value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(factText).join(value.some((item) => typeof item === "string" && item.includes(" ")) ? " / " : ", ");
  if (typeof value === "object") return Object.entries(value).map(([name, item]) => `${words(name)} ${factText(item)}`).join(", ");
  return String(value);
}
