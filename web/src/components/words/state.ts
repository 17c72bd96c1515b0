// One text being edited: asked for, measured while it is typed, saved. Made anew for every candidate.
import { signal } from "@preact/signals";
import { api, client, get, post, put } from "../../api";
import { announce } from "../../state/announce";
import { loadHistory } from "../../state/history";
import { complain } from "../../state/notice";
import { refresh } from "../../state/stage_document";
import type { Words } from "../../types";

const TYPING_MS = 150;

export type Editor = ReturnType<typeof open_editor>;

export function open_editor(song: string, id: string) {
  const saved = signal<Words | null>(null); // as on disk
  const shown = signal<Words | null>(null); // as measured last
  const text = signal("");
  const approved = signal(false); // the approved text is edited, not the candidate
  const approved_name = signal<string | null>(null);
  const saving = signal(false);
  const problem = signal<string | null>(null);
  let ticket = 0, timer = 0, closed = false;
  const address = (...more: string[]) => `${api("songs", song, "words", id, ...more)}?approved=${approved.peek() ? 1 : 0}`;

  function take(words: Words): void {
    saved.value = shown.value = words;
    text.value = words.text;
    problem.value = null;
  }

  async function load(): Promise<void> {
    const mine = ++ticket;
    try {
      const words = await get<Words>(address());
      if (mine === ticket && !closed) take(words);
    } catch (reason) {
      if (mine === ticket && !closed) problem.value = reason instanceof Error ? reason.message : String(reason);
    }
  }

  /** Begin with the approved text where there is one: that is what will be sung. */
  async function begin(): Promise<void> {
    await load();
    const name = saved.peek()?.name ?? null;
    if (name === null || closed) return;
    approved_name.value = name;
    choose(true);
  }

  async function measure(): Promise<void> {
    const mine = ++ticket;
    try {
      const words = await post<Words>(address("fit"), { text: text.peek() });
      if (mine === ticket && !closed) shown.value = words;
    } catch (reason) {
      if (mine === ticket && !closed) problem.value = reason instanceof Error ? reason.message : String(reason);
    }
  }

  function type(next: string): void {
    text.value = next;
    clearTimeout(timer);
    timer = window.setTimeout(() => void measure(), TYPING_MS);
  }

  async function save(): Promise<void> {
    const before = saved.peek();
    if (!before || saving.peek()) return;
    clearTimeout(timer);
    ticket++;
    saving.value = true;
    try {
      const words = await put<Words>(address(), { client, text: text.peek(), before: before.text });
      const is_new = words.id !== id;
      announce(is_new ? `Saved as a new candidate, ${words.id}` : `${words.name} is sung anew`);
      if (!is_new) take(words);
      else take(before); // this candidate keeps its words; the new one stands below
      await Promise.all([refresh(), loadHistory(song)]);
    } catch (reason) {
      complain("The words were not saved", reason);
    } finally {
      saving.value = false;
    }
  }

  function choose(which: boolean): void {
    approved.value = which;
    clearTimeout(timer);
    void load();
  }

  function close(): void {
    closed = true;
    clearTimeout(timer);
  }

  return { saved, shown, text, approved, approved_name, saving, problem, begin, load, type, save, choose, close };
}
