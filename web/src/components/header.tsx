// The line at the top of every view: where one is, which scorer and SoundFont are there, and the theme.
import { library, connected, SHUT_OUT, shutOut } from "../state/library";
import { route, songsHref } from "../router";
import { SongTitle } from "./song_header";
import { theme, THEMES, type Theme } from "../state/theme";

const THEME_NAMES: Record<Theme, string> = { auto: "As the system", light: "Light", dark: "Dark" };

export function Header() {
  const known = library.value;
  const place = route.value;
  return (
    <header class="topbar">
      <a class="brand" href={songsHref}>whitelight studio</a>
      {"song" in place ? <SongTitle song={place.song} /> : (
        <p class="facts">
          {known && <span>Scorer: {known.model ?? "none"}</span>}
          {known?.taste && <span>Taste: {known.taste}</span>}
          {known && <span>Sound: {known.soundfont ?? "built-in synth"}</span>}
        </p>
      )}
      {known?.read_only && <span class="badge warn">read only</span>}
      {!connected.value && <span class="connection" role="status">{shutOut.value ? SHUT_OUT : "Not connected; trying again …"}</span>}
      <ThemeSwitch />
    </header>
  );
}

function ThemeSwitch() {
  return (
    <label class="row small">
      <span class="muted">Theme</span>
      <select data-testid="theme" value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as Theme)}>
        {THEMES.map((name) => (
          <option key={name} value={name}>{THEME_NAMES[name]}</option>
        ))}
      </select>
    </label>
  );
}
