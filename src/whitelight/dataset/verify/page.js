"use strict";
// Plays one row at a time, its stored sound or its notes, and moves a line through the pictures. Nothing is loaded from outside.
(() => {
  const LEFT = 34, WIDTH = 820;
  let current = null, context = null;

  // notes: a plain triangle voice, drums as short noise; to check what is there, not to enjoy it
  function playNotes(notes, from) {
    context = context || new AudioContext();
    context.resume();
    const bus = context.createGain(), start = context.currentTime + 0.05 - from;
    bus.gain.value = 0.35;
    bus.connect(context.destination);
    let next = notes.findIndex((note) => note[0] >= from - 1e-3);
    if (next < 0) next = notes.length;
    const noise = context.createBuffer(1, context.sampleRate / 4, context.sampleRate), data = noise.getChannelData(0);
    for (let i = 0, state = 1; i < data.length; i++) { state = (state * 16807) % 2147483647; data[i] = state / 1073741823.5 - 1; }
    const sound = ([onset, length, pitch, velocity, isDrum]) => {
      const when = Math.max(start + onset, context.currentTime), gain = context.createGain(), loud = (velocity / 127) ** 1.5 * 0.4;
      const end = isDrum ? when + 0.12 : when + Math.max(length, 0.06);
      const source = isDrum ? context.createBufferSource() : context.createOscillator();
      if (isDrum) source.buffer = noise; else { source.type = "triangle"; source.frequency.value = 440 * 2 ** ((pitch - 69) / 12); }
      gain.gain.setValueAtTime(0, when);
      gain.gain.linearRampToValueAtTime(loud, when + 0.006);
      gain.gain.setTargetAtTime(0, isDrum ? when + 0.01 : end, isDrum ? 0.04 : 0.05);
      source.connect(gain).connect(bus);
      source.start(when); source.stop(end + 0.4);
    };
    const schedule = () => { while (next < notes.length && start + notes[next][0] < context.currentTime + 0.3) sound(notes[next++]); };
    schedule();
    const timer = setInterval(schedule, 80);
    return { now: () => context.currentTime - start, stop: () => { clearInterval(timer); bus.disconnect(); } };
  }

  function stop() {
    if (!current) return;
    cancelAnimationFrame(current.frame);
    current.player.stop();
    current.box.classList.remove("playing");
    current.button.textContent = "▶";
    current.button.setAttribute("aria-label", "Play");
    for (const line of current.lines) line.setAttribute("visibility", "hidden");
    current = null;
  }

  function play(box, from) {
    stop();
    const article = box.closest("article"), duration = Number(article.dataset.duration), sound = box.querySelector("audio");
    let player;
    if (sound) {
      sound.currentTime = from;
      sound.play();
      player = { now: () => sound.currentTime, stop: () => sound.pause() };
    } else player = playNotes(JSON.parse(box.dataset.notes), from);
    const state = { box, player, button: box.querySelector("button"), lines: [...article.querySelectorAll(".cursor")] };
    const follow = () => {
      const now = player.now();
      if (now > duration + 0.3 || (sound && sound.ended)) { stop(); return; }
      const x = LEFT + Math.max(0, Math.min(now / duration, 1)) * (WIDTH - LEFT);
      for (const line of state.lines) { line.setAttribute("x1", x); line.setAttribute("x2", x); line.setAttribute("visibility", "visible"); }
      state.frame = requestAnimationFrame(follow);
    };
    current = state;
    box.classList.add("playing");
    state.button.textContent = "■";
    state.button.setAttribute("aria-label", "Stop");
    follow();
  }

  for (const box of document.querySelectorAll(".picture")) {
    const button = box.querySelector("button"), picture = box.querySelector("svg"), duration = Number(box.closest("article").dataset.duration);
    if (!button) continue;
    button.addEventListener("click", () => (current && current.box === box ? stop() : play(box, 0)));
    picture.addEventListener("click", (event) => {
      const area = picture.getBoundingClientRect(), x = ((event.clientX - area.left) / area.width) * WIDTH;
      play(box, Math.max(0, Math.min((x - LEFT) / (WIDTH - LEFT), 0.999)) * duration);
    });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") stop(); });
})();
