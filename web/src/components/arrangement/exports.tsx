// The song for other programs: a button starts the export, then says how far it is, then is a download.
import { computed, signal } from "@preact/signals";
import { api } from "../../api";
import { saved, saveState } from "../../state/arrangement";
import { cancelJob, isRunning, jobs, startJob, type FollowedJob } from "../../state/jobs";
import { songOf } from "../../state/library";
import { whyNoMarks } from "../../state/permission";

interface Kind { kind: string; name: string; file: string; text: string }

const KINDS: readonly Kind[] = [
  { kind: "midi", name: "MIDI", file: "song.mid", text: "all tracks with tempo, meter, key and markers" },
  { kind: "stems", name: "Stems", file: "stems.zip", text: "every track as a MIDI file of its own, in one archive" },
  { kind: "musicxml", name: "MusicXML", file: "song.musicxml", text: "lead sheet: melody, chords, words" },
  { kind: "dawproject", name: "DAWproject", file: "song.dawproject", text: "tracks, clips and markers for Bitwig, Studio One, Cubase" },
  { kind: "wav", name: "WAV", file: "preview.wav", text: "the sound, by the SoundFont where there is one" },
  { kind: "lrc", name: "LRC", file: "lyrics.lrc", text: "the words with their times" },
];

/** Why nothing can be exported now, in words; null: it can. */
const whyNoExport = computed(() => {
  if (whyNoMarks.value !== null) return "This studio was opened read only: nothing can be exported.";
  if (saved.value === null) return "There is nothing to export yet.";
  return saveState.value === "saved" ? null : "The arrangement is not saved yet.";
});

/** Kind → the job of this page that made it last. */
const started = signal<Readonly<Record<string, string>>>({});
const refused = signal<Readonly<Record<string, string>>>({});

async function begin(song: string, kind: string): Promise<void> {
  refused.value = { ...refused.peek(), [`${song}/${kind}`]: "" };
  try {
    const job = await startJob(song, { kind: "export", kinds: [kind] });
    started.value = { ...started.peek(), [`${song}/${kind}`]: job.id };
  } catch (reason) {
    refused.value = { ...refused.peek(), [`${song}/${kind}`]: reason instanceof Error ? reason.message : String(reason) };
  }
}

export function Exports({ song }: { song: string }) {
  return (
    <section class="exports" aria-label="Exports">
      <h2 class="small">Export</h2>
      <ul>{KINDS.map((kind) => <Export key={kind.kind} song={song} {...kind} />)}</ul>
    </section>
  );
}

function Export({ song, kind, name, file, text }: Kind & { song: string }) {
  const job = jobs.value.find((one) => one.id === started.value[`${song}/${kind}`]);
  const isBusy = job !== undefined && isRunning(job);
  const isThere = job?.state === "done" || (songOf(song)?.files ?? []).some((known) => known === file || (kind === "stems" && known.startsWith("stems")));
  const trouble = refused.value[`${song}/${kind}`] || troubleOf(job);
  const whyNot = whyNoExport.value;
  return (
    <li data-testid={`export-item-${kind}`} data-state={job?.state ?? "idle"}>
      <button type="button" class="button" data-testid={`export-${kind}`} disabled={isBusy || whyNot !== null} title={whyNot ?? `${name}: ${text}`} aria-label={`Export ${name}: ${text}`} onClick={() => void begin(song, kind)}>{name}</button>
      {isBusy && <progress aria-label={`Exporting ${name}`} max={job.total || 1} {...(job.total > 0 && { value: job.done })} />}
      {isBusy && <button type="button" class="button quiet small" aria-label={`Cancel the export of ${name}`} onClick={() => void cancelJob(job.id)}>✕</button>}
      {!isBusy && isThere && !(trouble && job?.state === "done") && (
        <a class={job?.state === "done" ? "download fresh" : "download"} data-testid={`download-${kind}`} href={api("songs", song, "files", file)} download title={job?.state === "done" ? `Download ${file}` : `Download ${file} as it was exported before`}>
          <span aria-hidden="true">↓</span> {job?.state === "done" ? file : "last one"}<span class="visually-hidden"> ({name})</span>
        </a>
      )}
      {trouble && <p class="problem" role="status">{trouble}</p>}
    </li>
  );
}

function troubleOf(job: FollowedJob | undefined): string {
  if (!job) return "";
  if (job.state === "failed") return job.error ?? "it failed";
  return job.state === "done" ? job.problems.join(" ") : "";
}
