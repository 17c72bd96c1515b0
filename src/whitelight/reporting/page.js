"use strict";
// Draws the piano rolls, plays them one at a time, sorts and filters the song table. Nothing is loaded from outside.
(() => {
  const songs = JSON.parse(document.getElementById("candidates").textContent);
  const SVG = new DOMParser().parseFromString("<svg></svg>", "text/html").querySelector("svg").namespaceURI;
  const PLAY = "M3 1.5v13l11-6.5z", STOP = "M3 3h10v10H3z";

  const make = (name, attributes = {}, text = null, space = null) => {
    const node = space ? document.createElementNS(space, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    if (text !== null) node.textContent = text;
    return node;
  };
  const draw = (name, attributes, text) => make(name, attributes, text, SVG);

  // ---- piano rolls -------------------------------------------------------------------------------------------
  const WIDTH = 820, TOP = 20, LEFT = 30;
  function roll(candidate) {
    const pitched = candidate.notes.filter((note) => !note[4]);
    const drums = candidate.notes.filter((note) => note[4]);
    const pitches = pitched.map((note) => note[2]);
    const low = pitched.length ? Math.min(...pitches) - 1 : 60, high = pitched.length ? Math.max(...pitches) + 1 : 61;
    const step = Math.max(3, Math.min(6, 130 / (high - low + 1)));
    const kit = [...new Set(drums.map((note) => note[2]))].sort((a, b) => a - b);
    const tall = (pitched.length ? (high - low + 1) * step : 0) + kit.length * 7;
    const height = TOP + tall + 4, scale = (WIDTH - LEFT - 4) / candidate.duration;
    const at = (seconds) => LEFT + seconds * scale;
    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "roll", role: "img", "aria-label": `piano roll of ${candidate.id}` });
    svg.append(draw("rect", { class: "ground", x: LEFT, y: TOP, width: WIDTH - LEFT - 4, height: tall, rx: 4 }));
    for (const bar of candidate.bars) svg.append(draw("line", { class: "barline", x1: at(bar), x2: at(bar), y1: TOP, y2: TOP + tall }));
    for (let pitch = low; pitch <= high && pitched.length; pitch++)
      if (pitch % 12 === 0) svg.append(draw("text", { class: "pitch", x: LEFT - 5, y: TOP + (high - pitch) * step + step, "text-anchor": "end" }, `C${pitch / 12 - 1}`));
    for (const [start, length, pitch, velocity, isDrum] of candidate.notes) {
      const y = isDrum ? TOP + tall - (kit.indexOf(pitch) + 1) * 7 : TOP + (high - pitch) * step;
      const width = isDrum ? 3.5 : Math.max(length * scale - 0.8, 1.5);
      const node = draw("rect", { class: isDrum ? "drum" : "note", x: at(start).toFixed(2), y: y.toFixed(2), width: width.toFixed(2), height: isDrum ? 5 : step - 0.6, rx: 1, opacity: (0.35 + 0.65 * velocity / 127).toFixed(2) });
      svg.append(node);
    }
    let free = -Infinity;
    for (const [start, name] of candidate.chords) {
      if (at(start) < free) continue; // a name needs room
      svg.append(draw("text", { x: at(start) + 1, y: 13 }, name));
      free = at(start) + name.length * 7 + 8;
    }
    const cursor = draw("line", { class: "cursor", y1: TOP - 3, y2: TOP + tall, visibility: "hidden" });
    svg.append(cursor);
    return { svg, move: (seconds) => { const x = at(seconds); cursor.setAttribute("x1", x); cursor.setAttribute("x2", x); cursor.setAttribute("visibility", "visible"); }, hide: () => cursor.setAttribute("visibility", "hidden"), timeOf: (x) => (x * WIDTH - LEFT) / scale };
  }

  // ---- sound: two detuned partials through a closing filter; drums from noise and a falling sine ----------------
  let audio = null, output = null, noise = null;
  function prepare() {
    if (audio) return;
    audio = new AudioContext();
    const squash = audio.createDynamicsCompressor();
    output = audio.createGain();
    output.connect(squash).connect(audio.destination);
    noise = audio.createBuffer(1, audio.sampleRate, audio.sampleRate);
    const samples = noise.getChannelData(0);
    for (let i = 0, state = 1; i < samples.length; i++) { state = (state * 16807) % 2147483647; samples[i] = state / 1073741823.5 - 1; }
    setVolume();
  }
  const volume = document.getElementById("volume"), loop = document.getElementById("loop");
  const setVolume = () => { if (output) output.gain.value = (volume.value / 100) ** 2 * 0.9; };

  function tone(bus, when, length, pitch, velocity) {
    const loud = (velocity / 127) ** 1.6 * 0.22, frequency = 440 * 2 ** ((pitch - 69) / 12);
    const gain = audio.createGain(), filter = audio.createBiquadFilter(), end = when + Math.max(length, 0.08);
    filter.type = "lowpass";
    filter.frequency.setValueAtTime(Math.min(frequency * (2 + velocity / 18), 9000), when);
    filter.frequency.exponentialRampToValueAtTime(Math.max(frequency * 1.5, 200), when + 0.9);
    gain.gain.setValueAtTime(0, when);
    gain.gain.linearRampToValueAtTime(loud, when + 0.008);
    gain.gain.exponentialRampToValueAtTime(loud * 0.45, when + 0.35);
    gain.gain.setTargetAtTime(0, end, 0.09);
    filter.connect(gain).connect(bus);
    for (const [type, ratio, level] of [["triangle", 1, 1], ["sawtooth", 1.003, 0.22], ["sine", 2, 0.12]]) {
      const oscillator = audio.createOscillator(), share = audio.createGain();
      oscillator.type = type; oscillator.frequency.value = frequency * ratio; share.gain.value = level;
      oscillator.connect(share).connect(filter);
      oscillator.start(when); oscillator.stop(end + 0.7);
    }
  }
  const DRUMS = { 36: ["kick"], 35: ["kick"], 38: ["noise", 1800, 0.16], 40: ["noise", 1800, 0.16], 37: ["noise", 2600, 0.05], 39: ["noise", 1400, 0.12], 42: ["noise", 8000, 0.05], 44: ["noise", 8000, 0.05], 46: ["noise", 7500, 0.28], 49: ["noise", 5000, 0.9], 57: ["noise", 5000, 0.9], 51: ["noise", 6500, 0.35], 54: ["noise", 7000, 0.1], 70: ["noise", 6500, 0.06] };
  function drum(bus, when, pitch, velocity) {
    const [kind, frequency, length] = DRUMS[pitch] || (pitch <= 50 && pitch >= 41 ? ["tom"] : ["noise", 4000, 0.08]);
    const gain = audio.createGain(), loud = (velocity / 127) ** 1.5 * (kind === "noise" ? 0.35 : 0.7);
    if (kind === "noise") {
      const source = audio.createBufferSource(), filter = audio.createBiquadFilter();
      source.buffer = noise; source.loop = true;
      filter.type = frequency > 3000 ? "highpass" : "bandpass"; filter.frequency.value = frequency;
      gain.gain.setValueAtTime(loud, when);
      gain.gain.exponentialRampToValueAtTime(0.0008, when + length);
      source.connect(filter).connect(gain).connect(bus);
      source.start(when); source.stop(when + length + 0.02);
      return;
    }
    const oscillator = audio.createOscillator(), from = kind === "kick" ? 130 : 70 * 2 ** ((pitch - 38) / 12), length_ = kind === "kick" ? 0.22 : 0.3;
    oscillator.frequency.setValueAtTime(from, when);
    oscillator.frequency.exponentialRampToValueAtTime(kind === "kick" ? 42 : from * 0.6, when + length_);
    gain.gain.setValueAtTime(loud, when);
    gain.gain.exponentialRampToValueAtTime(0.0008, when + length_);
    oscillator.connect(gain).connect(bus);
    oscillator.start(when); oscillator.stop(when + length_ + 0.02);
  }

  // ---- player: one candidate at a time, notes scheduled a little ahead -------------------------------------------
  let current = null;
  const AHEAD_S = 0.25;
  function stop() {
    if (!current) return;
    const { bus, timer, frame, view } = current;
    clearInterval(timer); cancelAnimationFrame(frame);
    bus.gain.setTargetAtTime(0, audio.currentTime, 0.02);
    setTimeout(() => bus.disconnect(), 200);
    view.show(false);
    current = null;
  }
  function play(view, from = 0) {
    stop(); prepare(); audio.resume();
    const bus = audio.createGain(); bus.connect(output);
    const { candidate } = view, notes = candidate.notes;
    const state = { bus, view, start: audio.currentTime + 0.06 - from, next: notes.findIndex((note) => note[0] >= from - 1e-6) };
    if (state.next < 0) state.next = notes.length;
    const schedule = () => {
      for (;;) {
        if (state.next >= notes.length) {
          if (!loop.checked || audio.currentTime + AHEAD_S < state.start + candidate.duration) break;
          state.start += candidate.duration; state.next = 0; state.isLooped = true;
          if (!notes.length) break;
        }
        const [onset, length, pitch, velocity, isDrum] = notes[state.next];
        if (state.start + onset > audio.currentTime + AHEAD_S) break;
        const when = Math.max(state.start + onset, audio.currentTime);
        if (isDrum) drum(bus, when, pitch, velocity); else tone(bus, when, length, pitch, velocity);
        state.next++;
      }
    };
    const follow = () => {
      let now = audio.currentTime - state.start;
      if (now < 0 && state.isLooped) now += candidate.duration; // the next round is scheduled, this one still sounds
      if (now > candidate.duration + 0.4 && !loop.checked) { stop(); return; }
      view.move(Math.max(0, Math.min(now, candidate.duration)));
      state.frame = requestAnimationFrame(follow);
    };
    current = state;
    schedule(); state.timer = setInterval(schedule, 60); follow(); view.show(true);
  }

  // ---- candidates ------------------------------------------------------------------------------------------------
  function scores(candidate) {
    const box = make("div", { class: "scores" });
    box.append(make("div", { class: "what" }, candidate.id.startsWith(candidate.section) ? candidate.id : `${candidate.section} · ${candidate.id}`));
    const list = make("dl");
    for (const [name, value] of Object.entries(candidate.scores)) list.append(make("dt", {}, name), make("dd", {}, value.toFixed(2)));
    box.append(list);
    if (Object.keys(candidate.terms).length) {
      const more = make("details"), terms = make("dl");
      more.append(make("summary", {}, "terms"));
      for (const [name, value] of Object.entries(candidate.terms)) terms.append(make("dt", {}, name.replaceAll("_", " ")), make("dd", {}, value.toFixed(2)));
      more.append(terms); box.append(more);
    }
    return box;
  }
  for (const slot of document.querySelectorAll(".candidate")) {
    const candidate = songs[slot.dataset.song][slot.dataset.candidate], picture = roll(candidate);
    const button = make("button", { type: "button" }), icon = draw("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }), shape = draw("path", { d: PLAY });
    icon.append(shape); button.append(icon);
    const view = {
      candidate,
      move: picture.move,
      show: (isPlaying) => {
        slot.classList.toggle("playing", isPlaying);
        shape.setAttribute("d", isPlaying ? STOP : PLAY);
        button.setAttribute("aria-label", `${isPlaying ? "Stop" : "Play"} ${candidate.section} ${candidate.id}`);
        if (!isPlaying) picture.hide();
      },
    };
    view.show(false);
    button.addEventListener("click", () => (current && current.view === view ? stop() : play(view)));
    picture.svg.addEventListener("click", (event) => {
      const box = picture.svg.getBoundingClientRect();
      play(view, Math.max(0, Math.min(picture.timeOf((event.clientX - box.left) / box.width), candidate.duration - 0.01)));
    });
    const middle = make("div");
    middle.append(picture.svg, make("div", { class: "file" }, candidate.file));
    slot.append(button, middle, scores(candidate));
  }
  if (volume) volume.addEventListener("input", setVolume);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });

  // ---- song table ------------------------------------------------------------------------------------------------
  const table = document.getElementById("songs"), filter = document.getElementById("filter");
  if (table) {
    const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
    const valueOf = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent;
    heads.forEach((head, column) => {
      head.tabIndex = 0;
      const sort = () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = [...body.rows].sort((a, b) => valueOf(a, column).localeCompare(valueOf(b, column), "en", { numeric: true }));
        body.append(...(up ? rows : rows.reverse()));
      };
      head.addEventListener("click", sort);
      head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(); });
    });
    filter.addEventListener("input", () => {
      const wanted = filter.value.toLowerCase();
      for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
  }
})();
