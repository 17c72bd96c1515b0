// A color of the ontology as a small square; its name stands beside it in words, since color alone says nothing to some.
export function Swatch({ hex, name }: { hex: string | null; name: string | null }) {
  return (
    <span class="swatch-name">
      <span class={hex ? "swatch" : "swatch none"} style={hex ? { backgroundColor: hex } : undefined} aria-hidden="true" />
      {name ?? "no color"}
    </span>
  );
}
