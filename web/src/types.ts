// What the server says and is told: one type per JSON document. src/whitelight/studio answers in exactly these shapes.
// Times are ticks unless the name carries a unit. null means "not known"; a missing key means "does not apply".

export type StageName = "chords" | "drums" | "bass" | "melody" | "harmony" | "lyrics";
export type Status = "undecided" | "approved" | "rejected";
export type PhaseState = "open" | "composed" | "partly approved" | "approved";

export interface ColorClass { name: string; letter: string | null; hex: string | null }

/** GET /api/songs */
export interface Library {
  read_only: boolean;
  model: string | null; // name of the scorer, null: nothing can be composed or explained
  soundfont: string | null; // name of the SoundFont, null: only the page's own synth
  taste: string | null; // name of the taste that takes part in composing
  classes: ColorClass[];
  axes: Record<string, string[]>; // axis → modes, in the ontology's order
  songs: SongCard[];
  problems: string[]; // folders that could not be read, and why
}

export interface Phase { stage: StageName; state: PhaseState; candidates: number; marked: number; approved: number; auto: number; missing: string[] }
export interface FormBlock { name: string; section: string; variant: number; bars: number; energy: number }
export interface SectionInfo { name: string; slug: string; role: string; bars: number; energy: number; variants: string[] } // variants: labels of approved chords
export interface NextStep { stage: StageName | null; action: "compose" | "listen" | "promote" | "arrange" | "open"; text: string }

export interface SongCard {
  id: string; // opaque, URL-safe; never a path
  folder: string; // relative to the studio's folder, for people
  title: string; class: string | null; target: string | null; hex: string | null;
  key: string; meter: string; tempo_bpm: number; n_bars: number; duration_s: number;
  form: FormBlock[]; sections: SectionInfo[]; phases: Phase[]; files: string[]; next: NextStep; problems: string[];
  version: string; // changes when any file of the song changes
}

/** GET /api/songs/{song}/stages/{stage} */
export interface StageDocument {
  song: string; stage: StageName;
  version: string; // hash of review.yml as it was read
  candidates: Candidate[]; // in the file's order
  measures: Record<string, [number, number]>; // range of each measure over the candidates
  labels: string[]; // labels in use and usual ones, for suggestions
  weights: Record<string, number>; // term → weight in the fitness, of the latest run
  problems: string[];
}

export interface Candidate {
  id: string; section: string; variant: string; file: string; exists: boolean;
  status: Status; stated: string; label: string; rating: number | null; notes: string;
  wish: "" | "more" | "less"; blind: boolean;
  kept: boolean; by_hand: boolean; generation: number | null; seed: number | null; parents: string[]; like: string | null;
  fitness: number | null; match: number | null; novelty: number | null; confidence: number | null;
  axes: Record<string, Record<string, number>> | null; // axis → mode → probability
  terms: Record<string, number>; measures: Record<string, number>;
  facts: Record<string, unknown>; // what the stage tells people: chords, roman, kit, style, …
  promoted: string | null; // name of the file in approved/ it stands in, if any
  auto: boolean; // chosen by --auto
}

/** One MIDI file as drawn and played. note: [onset_tick, duration_ticks, pitch, velocity] */
export type Note = [number, number, number, number];
export interface RollTrack { name: string; program: number; is_drum: boolean; notes: Note[]; gain_db?: number } // gain_db: beside the level its stage has by itself
export interface Roll {
  ticks_per_beat: number; end_tick: number;
  tempos: [number, number][]; // tick, bpm
  meter: string; bar_ticks: number[]; // start of every bar
  tracks: RollTrack[];
  syllables: [number, string][]; // tick, text as sung ("kit-")
  chords: [number, string][]; // tick, name; empty where no chords sound
  markers: [number, string][];
}
/** GET /api/songs/{song}/stages/{stage}/rolls?id=…&id=… */
export interface Rolls { rolls: Record<string, Roll>; problems: Record<string, string> }
/** GET /api/songs/{song}/context?section=…&variant=… : approved parts of one section, at the candidate's ticks per beat */
export interface Context { parts: { stage: StageName; name: string; roll: Roll }[] }

/** POST /api/songs/{song}/stages/{stage}/marks */
export type MarkField = "status" | "label" | "rating" | "notes" | "wish";
export interface MarkChange { id: string; field: MarkField; from: string | number | null; to: string | number | null } // from: what the page showed
export interface MarkRequest { client: string; blind: boolean; changes: MarkChange[] }
export interface MarkConflict { id: string; field: MarkField; shown: string | number | null; yours: string | number | null; theirs: string | number | null }
/** 200 Marked, 409 Refused: nothing was written */
export interface Marked { version: string; candidates: Candidate[]; history: History }
export interface Refused { error: string; conflicts?: MarkConflict[]; difference?: string }

/** GET /api/songs/{song}/history?client=… ; POST …/undo, …/redo {client} → Undone */
export interface History { undo: string | null; redo: string | null } // what would be undone, in words
export interface Undone { what: string; stages: StageName[]; arrangement: boolean; history: History }

/** GET /api/songs/{song}/promotion ; POST the same {client} → PromotionReport */
export interface PromotionPlan {
  copies: { stage: StageName; id: string; from: string; to: string; state: "new" | "changed" | "same" | "edited" }[];
  stale: string[]; refusals: string[]; problems: string[];
}
export interface PromotionReport { approved: string[]; written: string[]; edited: string[]; stale: string[]; problems: string[]; history: History }

/** POST /api/songs/{song}/jobs → Job ; GET /api/jobs/{id} ; DELETE /api/jobs/{id} cancels ; GET /api/jobs/{id}/events (SSE, data: Job) */
export interface JobRequest { kind: "compose" | "evolve" | "regenerate" | "assemble" | "export"; stage?: StageName; section?: string; like?: string[]; candidates?: number; generations?: number; kinds?: string[] }
export interface Job {
  id: string; song: string; kind: JobRequest["kind"]; stage: StageName | null; text: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled"; done: number; total: number; elapsed_s: number;
  added: string[]; files: string[]; problems: string[]; error: string | null;
}

/** GET /api/events (SSE): one Change per song whose files changed, whoever changed them */
export interface Change { song: string; version: string; stages: StageName[]; sheet: boolean; arrangement: boolean; files: boolean }

/** GET /api/songs/{song}/arrangement ; PUT {client, version, blocks, mix, ending} → ArrangementDocument, 409 Refused */
export interface ArrangedBlock { name: string; section: string; bars: number; energy: number; parts: Partial<Record<StageName, string | null>>; extra: boolean; origin: number | null } // extra: the file says more (gain, mute, two parts) and keeps it; origin: which block of `version` it is, null: a new one
export interface ArrangementDocument {
  version: string; planned: boolean; // planned: not written yet, this is what would be
  blocks: ArrangedBlock[]; mix: Record<string, { gain_db: number; mute: boolean }>; ending: string; endings: string[];
  choices: Record<string, Partial<Record<StageName, string[]>>>; // section → stage → approved parts
  unheard: Partial<Record<StageName, (string | null)[]>>; // stages that are approved and play nowhere → what each block would play
  problems: string[]; history: History;
}
/** GET /api/songs/{song}/song : the whole song as it would be assembled now */
export interface SongRoll { roll: Roll; blocks: { name: string; section: string; start_tick: number; end_tick: number; energy: number }[]; stages: Record<string, StageName> } // stages: MIDI track name → stage

/** GET /api/songs/{song}/words/{id}?approved=0|1 ; POST …/words/{id}/fit {text} ; PUT …/words/{id} {client, text, before} */
export interface Syllable { tick: number; duration: number; pitch: number; text: string; stress: number; fits: boolean }
export interface Words { id: string; name: string | null; text: string; lines: WordLine[]; n_notes: number; n_syllables: number; fit: number; terms: Record<string, number>; problems: string[] } // name: of the approved part it became, whichever text is shown
export interface WordLine { text: string; n_notes: number; n_syllables: number; rhyme: string; syllables: Syllable[] }

/** GET /api/songs/{song}/stages/{stage}/why/{id} */
export interface Why {
  id: string; target: string; fitness: number | null; match: number | null; confidence: number | null; novelty: number | null;
  axes: Record<string, Record<string, number>>; classes: Record<string, number>;
  experts: { name: string; contribution: number }[]; // terms of the target's log-likelihood ratio, natural log units
  usual: number | null; // fitness of the catalog's middle: usual + all groups is the fitness; null of lyrics, whose groups are lines
  groups: { name: string; contribution: number }[]; // of descriptors (harmony, rhythm, …), or lines of lyrics
  descriptors: WhyDescriptor[]; // those that moved it most, strongest first
  note: string; // how this was computed, in one sentence
}
export type Quantiles = [number, number, number, number, number]; // 5 25 50 75 95 %
export interface WhyDescriptor {
  name: string; meaning: string; unit: string; value: number; contribution: number;
  class_quantiles: Quantiles; other_quantiles: Quantiles;
  percentile: number; other_percentile: number; // share of the class, and of the others, that lies below, 0 to 100
}

/** GET /api/songs/{song}/audio/{stage}/{id}.wav, …/audio/approved/{stage}/{name}.wav, both ?tempo_bpm= ; …/audio/song.wav : rendered with the SoundFont, one stage each */
/** GET /api/songs/{song}/files/{name} : an export, as a download */
/** Every error: {"error": "one clear line"} with 400, 403, 404, 409, 413, 422 */
