// Where the parts of others are mounted. A stub stands here until its file exists; then this file imports it instead.
// A part with a stylesheet of its own imports it in its own module ("../styles/transport.css").
import type { Candidate, SongCard, StageName } from "../types";

interface Place { song: string; stage: StageName; id: string }

export const Transport = () => <div class="transport" />;
export const ArrangementView = ({ song: _ }: { song: string }) => <p class="empty">The arrangement opens here.</p>;
export const WordsPanel = (_: { song: string; id: string }) => null;
export const WhyPanel = (_: Place) => null;
/** Above the list: blind mode, undo and redo, compare, promote, compose, evolve, jobs. */
export const JudgingBar = (_: { song: SongCard | undefined; stage: StageName }) => null;
/** In a card's first line: status, stars, label, wish, as controls. Shows what stands there when nothing can be changed. */
export const CandidateJudging = (_: { candidate: Candidate }) => null;
/** The button of an empty stage. */
export const ComposeButton = (_: { song: SongCard | undefined; stage: StageName }) => null;
/** Dialogs and panels above everything: cheat sheet, comparison, conflicts, promotion. */
export const Overlays = () => null;
