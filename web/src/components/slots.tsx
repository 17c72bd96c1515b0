// Where the parts that have a room of their own are mounted; a stub stands here until a part exists.
export { player } from "../audio/player";
export { ArrangementView } from "../views/arrangement";
export { AxesChart } from "./axes_chart";
export { ComposeButton, JudgingToolbar, MarksBar, Overlays } from "./judging";
export { Transport } from "./transport";
export { WhyPanel } from "./why";

export { WordsPanel } from "./words";
