// Composing in the background: started here, followed by server-sent events, and found again after a reload.
import { computed, signal } from "@preact/signals";
import { api, ApiError, del, get, post, stream } from "../api";
import type { Job, JobRequest } from "../types";
import { announce } from "./announce";
import { loadHistory } from "./history";
import { complain } from "./notice";
import { refresh, stageDocument } from "./stage_document";

const KEPT = "whitelight.jobs"; // ids of this tab's jobs

/** A job and when it was last heard of, so that the clock goes on between events. */
export interface FollowedJob extends Job { heard_ms: number }

/** Jobs of this tab, newest first. */
export const jobs = signal<readonly FollowedJob[]>([]);
export const runningJobs = computed(() => jobs.value.filter(isRunning));
const isSearch = ({ kind }: { kind: Job["kind"] }): boolean => kind !== "assemble" && kind !== "export";
export const isRunning = (job: Job): boolean => job.state === "waiting" || job.state === "running";

const streams = new Map<string, () => void>();

/** Start a job; rejects with what the server refused. */
export async function startJob(song: string, request: JobRequest): Promise<Job> {
  const job = await post<Job>(api("songs", song, "jobs"), request);
  if (isSearch(request)) keep(jobs.peek().filter((one) => isRunning(one) || one.song !== song || !isSearch(one))); // what is over has been read
  take(job);
  announce(`${job.text || job.kind} started.`);
  return job;
}

export async function cancelJob(id: string): Promise<void> {
  try {
    const job = await del<Job | null>(api("jobs", id));
    if (job) take(job);
  } catch (reason) {
    complain("The job was not cancelled", reason);
  }
}

/** Take finished jobs off the list. */
export function clearJobs(): void {
  keep(jobs.peek().filter(isRunning));
}

/** Take up jobs that ran when the page was reloaded. */
export async function resumeJobs(): Promise<void> {
  for (const id of keptIds().reverse()) { // newest first again, as each is put on top
    if (jobs.peek().some((job) => job.id === id)) continue;
    try {
      take(await get<Job>(api("jobs", id)));
    } catch (reason) {
      if (reason instanceof ApiError && reason.status === 0) return; // asked again with the next view
      forget(id); // the studio was started anew and knows it no more
    }
  }
}

function take(job: Job): void {
  const followed = { ...job, heard_ms: performance.now() };
  const old = jobs.peek().find((one) => one.id === job.id);
  keep(old ? jobs.peek().map((one) => (one.id === job.id ? followed : one)) : [followed, ...jobs.peek()]);
  if (isRunning(job)) follow(job.id);
  else unfollow(job.id);
  if (old && isRunning(old) && !isRunning(job)) ended(job);
}

function follow(id: string): void {
  if (!streams.has(id)) streams.set(id, stream<Job>(api("jobs", id, "events"), { onData: take }));
}

function unfollow(id: string): void {
  streams.get(id)?.();
  streams.delete(id);
}

function ended(job: Job): void {
  const n_new = job.added.length;
  const outcome = { done: n_new ? `done, ${n_new} new` : "done", failed: `failed: ${job.error ?? "no reason given"}`, cancelled: "cancelled" };
  announce(`${job.text || job.kind}: ${outcome[job.state as keyof typeof outcome] ?? job.state}.`);
  if (stageDocument.peek()?.song !== job.song) return;
  void refresh();
  void loadHistory(job.song);
}

function keep(list: readonly FollowedJob[]): void {
  jobs.value = list;
  store(list.map((job) => job.id));
}

function forget(id: string): void {
  store(keptIds().filter((one) => one !== id));
}

function store(ids: string[]): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(ids));
  } catch {
    // storage is off: a reload then forgets which jobs were started here; they go on
  }
}

function keptIds(): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}
