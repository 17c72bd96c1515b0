// Where the parts of others are mounted. A stub stands here until its file exists; then this file imports it instead.
// A part with a stylesheet of its own imports it in its own module ("../styles/transport.css").
import { signal } from "@preact/signals";
import type { Player, PlayerState } from "../audio/contract";
import type { Candidate, SongCard, StageName } from "../types";

export const Transport = () => <div class="transport" />;
export const ArrangementView = ({ song: _ }: { song: string }) => <p class="empty">The arrangement opens here.</p>;
export const WordsPanel = (_: { song: string; id: string }) => null;
export { WhyPanel } from "./why";
/** Above the list: blind mode, undo and redo, compare, promote, compose, evolve, jobs. */
export const JudgingBar = (_: { song: SongCard | undefined; stage: StageName }) => null;
/** In a card's first line: status, stars, label, wish, as controls. Shows what stands there when nothing can be changed. */
export const CandidateJudging = (_: { candidate: Candidate }) => null;
/** The button of an empty stage. */
export const ComposeButton = (_: { song: SongCard | undefined; stage: StageName }) => null;
/** Dialogs and panels above everything: cheat sheet, comparison, conflicts, promotion. */
export const Overlays = () => null;

const silent: PlayerState = {
  scene: null, playing: false, ready: false, choice: 0, tempo_scale: 1, volume_db: 0, muted: new Set(), solo: new Set(), sound: "synth", matched: false, problem: null,
};
export const player: Pick<Player, "state" | "position" | "seek"> = { state: signal(silent), position: () => 0, seek: () => undefined };
export const AxesChart = (_: { axes: Record<string, Record<string, number>> }) => null;
