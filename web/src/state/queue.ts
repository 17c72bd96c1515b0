// Everything that writes goes through one line, so that quick keys reach the server in the order they were pressed.
import { computed, signal } from "@preact/signals";

type Task = () => Promise<void>;

const waiting: Task[] = [];
const n_open = signal(0);
let is_running = false;

/** Whether something has been decided that the server has not confirmed yet. */
export const isSaving = computed(() => n_open.value > 0);

/** Whether something waits that has not even been sent. */
export const isWaiting = (): boolean => waiting.length > 0;

/** Run `task` after all that were handed over before it. A task deals with its own failures. */
export function inOrder(task: Task): void {
  waiting.push(task);
  n_open.value += 1;
  if (!is_running) void drain();
}

async function drain(): Promise<void> {
  is_running = true;
  try {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      try {
        await task();
      } catch (error) {
        console.error(error); // a fault of the page; the next decision must still be written
      } finally {
        n_open.value -= 1;
      }
    }
  } finally {
    is_running = false;
  }
}
