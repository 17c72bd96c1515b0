// The axes of one candidate as small stacked bars: one line per axis, its modes side by side, the likeliest in words.
// Meaning never hangs on color: the likeliest mode is written out, and every share can be read by a screen reader or as a tooltip.
import "../styles/why.css";

export interface AxesChartProps {
  axes: Record<string, Record<string, number>> | null;
  detailed?: boolean; // all shares in words beside the bars
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** Modes of one axis from likeliest to least likely, as words. */
function inWords(modes: [string, number][]): string {
  return [...modes].sort((a, b) => b[1] - a[1]).map(([mode, share]) => `${mode} ${percent(share)}`).join(", ");
}

export function AxesChart({ axes, detailed = false }: AxesChartProps) {
  if (axes === null || Object.keys(axes).length === 0) return null;
  return (
    <ul class={detailed ? "axes-chart detailed" : "axes-chart"} aria-label="Axes">
      {Object.entries(axes).map(([axis, shares]) => {
        const modes = Object.entries(shares);
        const top = modes.reduce((best, each) => (each[1] > best[1] ? each : best), modes[0] ?? ["", 0]);
        const words = inWords(modes);
        return (
          <li key={axis} title={`${axis}: ${words}`}>
            <span class="axis-name">{axis}</span>
            <span class="axis-bar" aria-hidden="true">
              {modes.map(([mode, share]) => (
                <span key={mode} class={mode === top[0] ? "axis-share top" : "axis-share"} style={{ width: `${100 * share}%` }} />
              ))}
            </span>
            <span class="axis-top" aria-hidden={!detailed}>{detailed ? words : `${top[0]} ${percent(top[1])}`}</span>
            {!detailed && <span class="visually-hidden">{words}</span>}
          </li>
        );
      })}
    </ul>
  );
}
