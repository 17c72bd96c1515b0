// Two box plots on one scale, the class above the others, and one candidate's mark through both.
import type { Quantiles } from "../types";

const WIDTH = 160;
const HEIGHT = 30;
const MARGIN = 4;

export function BoxPlot({ of, others, value }: { of: Quantiles; others: Quantiles; value: number }) {
  const known = [...of, ...others, value];
  const low = Math.min(...known);
  const range = Math.max(...known) - low || 1;
  const x = (at: number): number => MARGIN + ((at - low) / range) * (WIDTH - 2 * MARGIN);
  return (
    <svg class="box-plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true" focusable="false">
      <Box quantiles={of} x={x} y={8} kind="own" />
      <Box quantiles={others} x={x} y={22} kind="others" />
      <line class="mark" x1={x(value)} x2={x(value)} y1={1} y2={HEIGHT - 1} />
      <circle class="mark" cx={x(value)} cy={HEIGHT / 2} r={2.6} />
    </svg>
  );
}

function Box({ quantiles, x, y, kind }: { quantiles: Quantiles; x: (at: number) => number; y: number; kind: string }) {
  const [p5, p25, p50, p75, p95] = quantiles;
  return (
    <g class={kind}>
      <line class="whisker" x1={x(p5)} x2={x(p95)} y1={y} y2={y} />
      <rect class="box" x={x(p25)} y={y - 4} width={Math.max(x(p75) - x(p25), 1)} height={8} />
      <line class="median" x1={x(p50)} x2={x(p50)} y1={y - 4} y2={y + 4} />
    </g>
  );
}
