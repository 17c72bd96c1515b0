// Which rows of a long list are worth having: pure arithmetic over equal heights.
export interface Span { first: number; last: number } // indices, both included; last < first: none

/** Rows that touch the viewport, and `spare` more on either side. */
export function spanOf(scrollTop: number, height: number, rowHeight: number, count: number, spare: number): Span {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - spare);
  const last = Math.min(count - 1, Math.floor((scrollTop + height) / rowHeight) + spare);
  return { first, last };
}

/** Indices of a span ordered from its middle outward: what is looked at comes first. */
export function fromMiddle({ first, last }: Span): number[] {
  const middle = (first + last) / 2;
  const all = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
  return all.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b);
}

/** Least change of scrollTop that shows a whole row with `margin` around it. */
export function scrollToRow(scrollTop: number, height: number, rowHeight: number, row: number, margin: number): number {
  const top = row * rowHeight - margin;
  const bottom = (row + 1) * rowHeight + margin - height;
  if (scrollTop > top) return Math.max(0, top);
  return scrollTop < bottom ? Math.max(0, Math.min(bottom, top)) : scrollTop;
}
