// Numbers of a candidate with their names: shares as bars, measures with the range they have in this stage.
import { decimal, percent, words } from "./format";

/** A name, a bar from 0 to 1, and the number in words; the bar is drawn only, the number is read. */
export function Score({ name, value, text, hint }: { name: string; value: number | null; text?: string; hint?: string }) {
  return (
    <div class="score" title={hint}>
      <dt>{name}</dt>
      <dd>
        <Bar share={value} />
        <span class="number">{text ?? percent(value)}</span>
      </dd>
    </div>
  );
}

export function Bar({ share }: { share: number | null }) {
  return (
    <span class="bar" aria-hidden="true">
      {share !== null && <span style={{ width: `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%` }} />}
    </span>
  );
}

export function Measures({ measures, ranges }: { measures: Record<string, number>; ranges: Record<string, [number, number]> }) {
  return (
    <dl class="scores">
      {Object.entries(measures).map(([name, value]) => {
        const [low, high] = ranges[name] ?? [0, 1];
        const share = high > low ? (value - low) / (high - low) : 0.5;
        return <Score key={name} name={words(name)} value={share} text={decimal(value)} hint={`${decimal(low)} to ${decimal(high)} among these candidates`} />;
      })}
    </dl>
  );
}
