// Promotion with a clear picture first: what is copied where, what stays, what is in the way; then what was done.
import { useEffect, useState } from "preact/hooks";
import { api, client, get, post } from "../../api";
import type { PromotionPlan, PromotionReport } from "../../types";
import { announce } from "../../state/announce";
import { closeDialog } from "../../state/dialogs";
import { history } from "../../state/history";
import { refreshLibrary, songOf } from "../../state/library";
import { go, nextHref } from "../../router";
import { whyNoMarks } from "../../state/permission";
import { inOrder } from "../../state/queue";
import { refresh, stageDocument } from "../../state/stage_document";
import { Dialog } from "./dialog";

const STATES: Record<PromotionPlan["copies"][number]["state"], { sign: string; text: string; kind: string }> = {
  new: { sign: "+", text: "new", kind: "good" },
  changed: { sign: "↻", text: "replaces another", kind: "warn" },
  same: { sign: "=", text: "already there", kind: "" },
  edited: { sign: "✎", text: "edited by hand: left as it is", kind: "warn" },
};

export function PromoteDialog({ song }: { song: string }) {
  const [plan, setPlan] = useState<PromotionPlan | null>(null);
  const [report, setReport] = useState<PromotionReport | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const attempt = (work: () => Promise<void>) => {
    setBusy(true);
    inOrder(async () => { // after marks on their way, which it has to count
      try {
        await work();
        setProblem(null);
      } catch (reason) {
        setProblem(reason instanceof Error ? reason.message : String(reason));
      } finally {
        setBusy(false);
      }
    });
  };
  useEffect(() => attempt(async () => setPlan(await get<PromotionPlan>(api("songs", song, "promotion")))), [song]);
  const promote = () => attempt(async () => {
    const done = await post<PromotionReport>(api("songs", song, "promotion"), { client });
    setReport(done);
    history.value = done.history;
    announce(`Promoted: ${count(done.written.length, "file")} written.`);
    await Promise.all([refresh(), refreshLibrary()]);
  });

  const reason = plan && whyNot(plan);
  const n_writes = plan?.copies.filter((one) => one.state === "new" || one.state === "changed").length ?? 0;
  const actions = report ? (
    <Onward song={song} />
  ) : (
    <>
      {reason && <span class="small muted">{reason}</span>}
      <button type="button" class="button" onClick={closeDialog}>Not now</button>
      <button type="button" class="button primary" data-testid="promote-confirm" disabled={isBusy || !plan || reason !== null} onClick={promote}>
        {n_writes ? `Copy ${count(n_writes, "file")}` : "Copy"}
      </button>
    </>
  );
  return (
    <Dialog title={report ? "Promoted" : "Promote what is approved"} onClose={closeDialog} testid="promote-dialog" wide actions={actions}>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {!plan && !problem && <p class="muted">Looking at what is approved …</p>}
      {plan && !report && <Plan plan={plan} />}
      {report && <Report report={report} />}
    </Dialog>
  );
}

/** After promotion: the page leads on to what the song needs next. */
function Onward({ song }: { song: string }) {
  const next = songOf(song)?.next;
  const here = stageDocument.value?.stage;
  const isElsewhere = next !== undefined && (next.stage ?? "arrangement") !== here;
  const goOn = () => {
    closeDialog();
    go(nextHref(song, next!));
  };
  return (
    <>
      {next && !isElsewhere && <span class="small muted">{`Next: ${next.text}`}</span>}
      <button type="button" class={isElsewhere ? "button" : "button primary"} data-testid="promote-done" onClick={closeDialog}>{isElsewhere ? "Stay here" : "Done"}</button>
      {isElsewhere && <button type="button" class="button primary" data-testid="promote-onward" onClick={goOn}>{`${next.text} →`}</button>}
    </>
  );
}

function whyNot(plan: PromotionPlan): string | null {
  if (whyNoMarks.value) return whyNoMarks.value;
  if (plan.refusals.length > 0) return "Nothing is copied until what is in the way is settled.";
  if (plan.copies.length === 0) return "Nothing is approved yet.";
  if (plan.copies.every((one) => one.state === "same" || one.state === "edited")) return "Everything approved is there already.";
  return null;
}

function Plan({ plan }: { plan: PromotionPlan }) {
  return (
    <div class="stack">
      <Lines title="In the way" lines={plan.refusals} hint="Then promote again." isProblem />
      {plan.copies.length > 0 ? (
        <table class="promotion">
          <thead><tr><th scope="col">Stage</th><th scope="col">From</th><th scope="col">To</th><th scope="col">What happens</th></tr></thead>
          <tbody>
            {plan.copies.map((one) => (
              <tr key={`${one.stage}/${one.to}/${one.id}`}>
                <th scope="row">{one.stage}</th>
                <td class="mono">{one.from}</td>
                <td class="mono">{one.to}</td>
                <td><span class={`badge ${STATES[one.state].kind}`}><span aria-hidden="true">{STATES[one.state].sign}</span> {STATES[one.state].text}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p>Nothing is approved yet. Approve with <kbd>a</kbd>, then promote.</p>
      )}
      <Lines title="No longer approved" lines={plan.stale} hint="They stay in approved/ and go on being heard; delete the files if you do not want them." />
      <Lines title="Read with a guess" lines={plan.problems} hint="" />
    </div>
  );
}

function Report({ report }: { report: PromotionReport }) {
  return (
    <div class="stack">
      <p>{count(report.approved.length, "part")} approved, {count(report.written.length, "file")} written. Undo takes it back.</p>
      <Lines title="Written" lines={report.written} hint="" />
      <Lines title="Edited by hand, left as they are" lines={report.edited} hint="" />
      <Lines title="No longer approved, left there" lines={report.stale} hint="" />
      <Lines title="Read with a guess" lines={report.problems} hint="" />
    </div>
  );
}

function Lines({ title, lines, hint, isProblem = false }: { title: string; lines: string[]; hint: string; isProblem?: boolean }) {
  if (lines.length === 0) return null;
  return (
    <section class={isProblem ? "problem stack" : "stack"}>
      <h3>{title}</h3>
      <ul class="bullets">{lines.map((line) => <li key={line}>{line}</li>)}</ul>
      {hint && <p class="small muted">{hint}</p>}
    </section>
  );
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
