// Terms of music theory, 0 to 1 each: a row of small bars on the card, a table with weights in the details.
import type { TargetedMouseEvent } from "preact";
import { useState } from "preact/hooks";
import { decimal, words } from "./format";
import { Bar } from "./measures";

const WIDE = 9; // of a bar and its gap, in units of the picture
const WIDEST = 15; // the same in CSS pixels, where there is room
const HIGH = 26;

const weakest = (terms: [string, number][]): string => {
  const low = [...terms].sort((a, b) => a[1] - b[1]).filter(([, value]) => value < 0.9).slice(0, 2);
  return low.length ? `weakest: ${low.map(([name, value]) => `${words(name)} ${decimal(value)}`).join(", ")}` : "all terms 0.90 or more";
};

/** Names come by pointing, or by focus and ← →; `isReachable` keeps the bars of other cards out of the tab order. */
export function TermBars({ terms, isReachable }: { terms: Record<string, number>; isReachable: boolean }) {
  const [place, setPlace] = useState<number | null>(null);
  const list = Object.entries(terms);
  if (list.length === 0) return <p class="muted small">No theory terms.</p>;
  const told = place === null ? undefined : list[place];
  const point = (event: TargetedMouseEvent<SVGSVGElement>) => setPlace(Math.max(0, Math.min(list.length - 1, Math.floor((event.offsetX / event.currentTarget.clientWidth) * list.length))));
  const step = (event: KeyboardEvent) => {
    const move = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (move === 0) return;
    event.preventDefault();
    event.stopPropagation();
    setPlace(((place ?? (move > 0 ? -1 : 0)) + move + list.length) % list.length);
  };
  const whole = list.map(([name, value]) => `${words(name)} ${decimal(value)}`).join(", ");
  return (
    <div class="terms">
      <svg
        viewBox={`0 0 ${list.length * WIDE} ${HIGH + 1}`} preserveAspectRatio="none" height={HIGH + 1} style={{ width: `min(100%, ${list.length * WIDEST}px)` }}
        role="img" aria-label={`Theory terms: ${whole}`} tabIndex={isReachable ? 0 : -1}
        onMouseMove={point} onMouseLeave={() => setPlace(null)} onBlur={() => setPlace(null)} onKeyDown={step}
      >
        <path class="terms-back" d={path(list.map(() => 1))} />
        <path class="terms-bars" d={path(list.map(([, value]) => value))} />
        {place !== null && <path class="terms-here" d={path(list.map(([, value], at) => (at === place ? Math.max(0.08, value) : 0)))} />}
      </svg>
      <p class="terms-told" aria-live={place === null ? "off" : "polite"}>{told ? <b>{`${words(told[0])} ${decimal(told[1])}`}</b> : weakest(list)}</p>
    </div>
  );
}

/** All bars as one path: a card costs three nodes however many terms there are. */
function path(values: readonly number[]): string {
  return values.map((value, place) => {
    const high = Math.max(0, Math.min(1, value)) * HIGH;
    return high > 0 ? `M${place * WIDE} ${HIGH + 1}v${(-high - 1).toFixed(1)}h${WIDE - 2}V${HIGH + 1}z` : "";
  }).join("");
}

export function TermTable({ terms, weights }: { terms: Record<string, number>; weights: Record<string, number> }) {
  const list = Object.entries(terms);
  if (list.length === 0) return <p class="muted small">No theory terms are known for it.</p>;
  const hasWeights = list.some(([name]) => weights[name] !== undefined);
  return (
    <table class="term-table">
      <thead>
        <tr>
          <th scope="col">Term</th>
          <th scope="col">Value</th>
          {hasWeights && <th scope="col">Weight</th>}
        </tr>
      </thead>
      <tbody>
        {list.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{words(name)}</th>
            <td><span class="value"><Bar share={value} /><span class="number">{decimal(value)}</span></span></td>
            {hasWeights && <td class="number">{weights[name] === undefined ? "–" : decimal(weights[name])}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
