import { library } from "../state/library";
import { songHref } from "../router";

export function SongsView() {
  return <ul>{library.value?.songs.map((song) => <li key={song.id}><a href={songHref(song.id)}>{song.title}</a></li>)}</ul>;
}
