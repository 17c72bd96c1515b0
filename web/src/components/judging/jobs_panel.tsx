// What is being composed: how far, for how long, and a way to stop it.
import { useEffect, useState } from "preact/hooks";
import { cancelJob, clearJobs, isRunning, jobs, type FollowedJob } from "../../state/jobs";

/** Jobs of a song, or of all songs; nothing when there are none. */
export function JobsPanel({ song }: { song?: string }) {
  const shown = jobs.value.filter((job) => song === undefined || job.song === song);
  if (shown.length === 0) return null;
  return (
    <section class="jobs" aria-label="Composing">
      <ul class="stack">{shown.map((job) => <JobRow key={job.id} job={job} />)}</ul>
      {shown.some((job) => !isRunning(job)) && (
        <button type="button" class="button quiet small" onClick={clearJobs}>Clear finished</button>
      )}
    </section>
  );
}

const STATES: Record<FollowedJob["state"], { sign: string; text: string; kind: string }> = {
  waiting: { sign: "…", text: "waiting", kind: "" },
  running: { sign: "▸", text: "running", kind: "" },
  done: { sign: "✓", text: "done", kind: "good" },
  failed: { sign: "✕", text: "failed", kind: "bad" },
  cancelled: { sign: "■", text: "cancelled", kind: "warn" },
};

function JobRow({ job }: { job: FollowedJob }) {
  const { sign, text, kind } = STATES[job.state];
  const [isCancelling, setCancelling] = useState(false);
  const label = job.text || `${job.kind} ${job.stage ?? ""}`;
  const n_new = job.added.length;
  return (
    <li class="job" data-testid={`job-${job.id}`} data-state={job.state}>
      <span class={`badge ${kind}`}><span aria-hidden="true">{sign}</span> {text}</span>
      <span class="job-text">{label}</span>
      {isRunning(job) && <progress aria-label={label} max={job.total || 1} {...(job.total > 0 && { value: job.done })} />}
      {isRunning(job) && job.total > 0 && <span class="small muted">{job.done} of {job.total}</span>}
      <span class="small muted"><Elapsed job={job} /></span>
      {job.state === "done" && job.kind !== "assemble" && job.kind !== "export" && <span>{n_new === 1 ? "1 new candidate" : `${n_new} new candidates`}</span>}
      {isRunning(job) && (
        <button
          type="button"
          class="button small danger"
          disabled={isCancelling}
          data-testid={`cancel-${job.id}`}
          aria-label={`Cancel ${label}`}
          onClick={() => {
            setCancelling(true);
            void cancelJob(job.id).finally(() => setCancelling(false));
          }}
        >
          Cancel
        </button>
      )}
      {job.error && <p class="problem">{job.error}</p>}
      {job.problems.length > 0 && (
        <details class="small muted">
          <summary>{job.problems.length === 1 ? "1 remark" : `${job.problems.length} remarks`}</summary>
          <ul class="bullets">{job.problems.map((line) => <li key={line}>{line}</li>)}</ul>
        </details>
      )}
    </li>
  );
}

/** Seconds since it began, going on between events. */
function Elapsed({ job }: { job: FollowedJob }) {
  const [, tick] = useState(0);
  const isGoing = isRunning(job);
  useEffect(() => {
    if (!isGoing) return undefined;
    const timer = window.setInterval(() => tick((n) => n + 1), 1000);
    return () => window.clearInterval(timer);
  }, [isGoing]);
  const seconds = job.elapsed_s + (isGoing ? (performance.now() - job.heard_ms) / 1000 : 0);
  return <>{Math.floor(seconds / 60)}:{String(Math.floor(seconds % 60)).padStart(2, "0")}</>;
}
