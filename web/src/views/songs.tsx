// All songs as cards, with filters that leave the network alone.
import { computed, signal } from "@preact/signals";
import { SongCard } from "../components/song_card";
import { plural } from "../components/format";
import { library, libraryProblem } from "../state/library";
import type { SongCard as Song } from "../types";

const text = signal("");
const color = signal("");
const needsMe = signal(false);

const shown = computed<Song[]>(() => {
  const wanted = text.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return (library.value?.songs ?? []).filter((song) => {
    if (color.value && song.class !== color.value) return false;
    if (needsMe.value && song.next.action === "open") return false;
    const about = [song.title, song.folder, song.class, song.key, song.meter, song.next.text].join(" ").toLocaleLowerCase();
    return wanted.every((word) => about.includes(word));
  });
});
/** Colors that songs have, in the ontology's order, then any that it does not know. */
const colors = computed<string[]>(() => {
  const used = new Set((library.value?.songs ?? []).map((song) => song.class).filter((name) => name !== null));
  const known = (library.value?.classes ?? []).map((one) => one.name).filter((name) => used.has(name));
  return [...known, ...[...used].filter((name) => !known.includes(name)).sort()];
});

export function SongsView() {
  const all = library.value;
  return (
    <main id="main" class="songs" aria-busy={all === null}>
      <div class="songs-head">
        <h1>Songs</h1>
        {all && <Filters total={all.songs.length} />}
      </div>
      {libraryProblem.value && <p class="problem" role="alert">{libraryProblem.value}</p>}
      {all?.problems.map((problem) => <p class="problem" key={problem}>{problem}</p>)}
      {all === null && !libraryProblem.value && <p class="empty">Reading the songs …</p>}
      {all && all.songs.length === 0 && <NoSongs />}
      {all && all.songs.length > 0 && shown.value.length === 0 && (
        <div class="empty">
          <p>No song fits these filters.</p>
          <button class="button" onClick={clear}>Show all songs</button>
        </div>
      )}
      <ul class="song-grid" aria-label="Songs">
        {shown.value.map((song) => <li key={song.id}><SongCard song={song} /></li>)}
      </ul>
    </main>
  );
}

function clear() {
  text.value = "";
  color.value = "";
  needsMe.value = false;
}

function Filters({ total }: { total: number }) {
  return (
    <form class="row" role="search" aria-label="Filter songs" onSubmit={(event) => event.preventDefault()}>
      <input type="search" aria-label="Filter by text" placeholder="Filter by text" data-testid="filter-text" value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
      <select aria-label="Color" data-testid="filter-color" value={color.value} onChange={(event) => (color.value = event.currentTarget.value)}>
        <option value="">Every color</option>
        {colors.value.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
      <label class="row small">
        <input type="checkbox" data-testid="filter-needs-me" checked={needsMe.value} onChange={(event) => (needsMe.value = event.currentTarget.checked)} />
        Needs me
      </label>
      <span class="muted small" role="status" data-testid="song-count">
        {shown.value.length === total ? plural(total, "song") : `${shown.value.length} of ${plural(total, "song")}`}
      </span>
    </form>
  );
}

function NoSongs() {
  return (
    <div class="empty">
      <p>No song lies in this folder yet.</p>
      <p>Begin one in a terminal: <code>whitelight compose new "Title" --color …</code>. It appears here by itself.</p>
    </div>
  );
}
