// The parts that have a room of their own, gathered in one place for the views.
export { player } from "../audio/player";
export { ArrangementView } from "../views/arrangement";
export { AxesChart } from "./axes_chart";
export { ComposeButton, JudgingToolbar, MarksBar, Overlays } from "./judging";
export { Transport } from "./transport";
export { WhyPanel } from "./why";
export { WordsPanel } from "./words";
