export { WordsPanel } from "./panel";
