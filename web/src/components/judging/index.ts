// What the rest of the page mounts of judging.
export { CheatSheet } from "./cheat_sheet";
export { ComposeButton } from "./compose_button";
export { JobsPanel } from "./jobs_panel";
export { MarksBar, type MarksPlace } from "./marks_bar";
export { NotesField } from "./notes_field";
export { Overlays } from "./overlays";
export { JudgingToolbar } from "./toolbar";
