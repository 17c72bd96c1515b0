// Cursors over rolls: one requestAnimationFrame for all of them, and none while nothing moves.
import { computed, effect } from "@preact/signals";
import { player } from "./slots";

interface Head { element: HTMLElement; name: string; place: (tick: number) => number | null } // name: "SONG/STAGE/ID"; place: x in CSS pixels

const heads = new Set<Head>();

/** What is heard now, playing or paused: "SONG/STAGE/ID" of the choice, or of every part where there is no choice. */
const heardNames = computed<string>(() => {
  const { scene, choice } = player.state.value;
  const parts = scene === null ? [] : scene.choices.length > 0 ? [scene.choices[choice]?.part] : scene.common;
  return parts.map((part) => part?.key.slice(0, part.key.lastIndexOf("/")) ?? "").join("\n");
});
/** The same as a set, which stays the same object while the same parts are heard. */
export const heard = computed<ReadonlySet<string>>(() => new Set(heardNames.value.split("\n")));

const NOTHING: ReadonlySet<string> = new Set();
const isPlaying = computed(() => player.state.value.playing);
/** What sounds this moment. */
export const sounding = computed<ReadonlySet<string>>(() => (isPlaying.value ? heard.value : NOTHING));

/** Let a cursor follow what is heard under a name; returns the way out. */
export function followHead(head: Head): () => void {
  heads.add(head);
  draw(head);
  return () => heads.delete(head);
}

function draw(head: Head): void {
  const x = heard.peek().has(head.name) ? head.place(player.position()) : null;
  head.element.hidden = x === null;
  if (x !== null) head.element.style.transform = `translateX(${x.toFixed(1)}px)`;
}

function drawAll(): void {
  for (const head of heads) draw(head);
}

let frame = 0;
function loop(): void {
  drawAll();
  frame = requestAnimationFrame(loop);
}

effect(() => {
  void heard.value;
  const playing = isPlaying.value;
  if (playing && !frame) frame = requestAnimationFrame(loop);
  if (playing) return;
  cancelAnimationFrame(frame);
  frame = 0;
  drawAll();
});
