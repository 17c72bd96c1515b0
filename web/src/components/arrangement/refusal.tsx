// The file was changed elsewhere while something was changed here: what differs, and two ways on. Nothing is overwritten.
import { useEffect, useRef } from "preact/hooks";
import { applyMineAgain, refusal, takeTheirs } from "../../state/arrangement";

export function Refusal() {
  const refused = refusal.value;
  return refused && <RefusalPanel difference={refused.difference ?? refused.error} />;
}

function RefusalPanel({ difference }: { difference: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <section class="refusal" role="alertdialog" aria-labelledby="refusal-title" data-testid="refusal">
      <h2 id="refusal-title" ref={heading} tabIndex={-1}>Not saved: arrangement.yml was changed elsewhere</h2>
      <p>Your last change is still on the screen and not in the file. This is what changed in the file meanwhile:</p>
      <pre class="difference" tabIndex={0} aria-label="What changed in the file">
        {difference.split("\n").map((line, index) => <span key={index} class={kindOf(line)}>{line}{"\n"}</span>)}
      </pre>
      <div class="row">
        <button type="button" class="button primary" data-testid="apply-mine" title="Your change is laid over the file as it is now" onClick={() => void applyMineAgain()}>Apply mine again</button>
        <button type="button" class="button" data-testid="take-theirs" title="Your change is dropped" onClick={() => void takeTheirs()}>Take theirs</button>
      </div>
    </section>
  );
}

function kindOf(line: string): string {
  if (line.startsWith("+") && !line.startsWith("+++")) return "added";
  if (line.startsWith("-") && !line.startsWith("---")) return "removed";
  return "";
}
