// A song's arc: one step per block of its form, as wide as its bars, as high as its energy.
import type { FormBlock } from "../types";

export const arcText = (form: readonly FormBlock[]): string =>
  form.length === 0 ? "No form is known." : `Arc: ${form.map((block) => `${block.name} ${Math.round(block.energy * 100)}`).join(", ")}`;

export function Arc({ form, hex, height = 44 }: { form: readonly FormBlock[]; hex: string | null; height?: number }) {
  const bars = form.reduce((sum, block) => sum + block.bars, 0);
  if (bars === 0) return <p class="muted small">No form is known.</p>;
  let start = 0;
  const blocks = form.map((block) => {
    const x = (start / bars) * 100;
    start += block.bars;
    return { ...block, x, width: (block.bars / bars) * 100, high: Math.max(0.04, Math.min(1, block.energy)) * (height - 2) };
  });
  return (
    <svg class="arc" viewBox={`0 0 100 ${height}`} preserveAspectRatio="none" height={height} role="img" aria-label={arcText(form)}>
      {blocks.map((block, place) => (
        <rect key={place} x={block.x} y={height - block.high} width={Math.max(0.2, block.width - 0.5)} height={block.high} fill={hex ?? "currentColor"}>
          <title>{`${block.name}: ${block.bars} bars, energy ${Math.round(block.energy * 100)} of 100`}</title>
        </rect>
      ))}
    </svg>
  );
}
