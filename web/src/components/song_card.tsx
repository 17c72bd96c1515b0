// One song: what it is, how far it is, what it needs next.
import { memo } from "preact/compat";
import { nextHref, songHref } from "../router";
import type { SongCard as Song } from "../types";
import { Arc } from "./arc";
import { bpm, clock } from "./format";
import { Phases } from "./phases";
import { Swatch } from "./swatch";

export const SongCard = memo(function SongCard({ song }: { song: Song }) {
  return (
    <article class="song-card card" data-testid={`song-card-${song.id}`} aria-labelledby={`song-${song.id}`}>
      <header>
        <h2 id={`song-${song.id}`}>
          <a href={songHref(song.id)}>{song.title || song.folder}</a>
        </h2>
        <Swatch hex={song.hex} name={song.class} />
      </header>
      <p class="song-facts">
        <span>{song.key || "no key"}</span>
        <span>{song.meter}</span>
        <span>{bpm(song.tempo_bpm)}</span>
        <span>{song.n_bars} bars</span>
        <span>{clock(song.duration_s)}</span>
      </p>
      <Arc form={song.form} hex={song.hex} />
      <Phases song={song.id} phases={song.phases} />
      <p class="song-next">
        <span class="muted">{song.next.action === "open" ? "Done:" : "Next:"}</span>{" "}
        <a href={nextHref(song.id, song.next)}>{song.next.text}</a>
      </p>
      {song.problems.length > 0 && (
        <details class="remarks small">
          <summary>{song.problems.length === 1 ? "1 remark" : `${song.problems.length} remarks`}</summary>
          <ul class="bullets">{song.problems.map((problem) => <li key={problem}>{problem}</li>)}</ul>
        </details>
      )}
      <p class="song-folder mono muted" title="Folder of this song">{song.folder}</p>
    </article>
  );
});
