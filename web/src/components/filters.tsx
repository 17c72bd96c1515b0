// Above the list: sections as tabs with their variants, filters, the order, and how many are shown.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { blindView, stageDocument, view, visibleCandidates } from "../state/stage_document";
import { changeView, clearFilters, isFiltered } from "../state/view_settings";
import type { Candidate, Status } from "../types";
import { words } from "./format";

interface Tab { section: string; variant: string; count: number; approved: number }

/** Sections in the file's order, each followed by its variants when it has several. */
function tabsOf(candidates: readonly Candidate[]): Tab[] {
  const sections = new Map<string, Map<string, Candidate[]>>();
  for (const one of candidates) {
    const variants = sections.get(one.section) ?? new Map<string, Candidate[]>();
    sections.set(one.section, variants.set(one.variant, [...(variants.get(one.variant) ?? []), one]));
  }
  const tab = (section: string, variant: string, among: Candidate[]): Tab => ({ section, variant, count: among.length, approved: among.filter((one) => one.status === "approved").length });
  return [...sections].flatMap(([section, variants]) => {
    const parts = [...variants].filter(([variant]) => variant !== "").sort().map(([variant, among]) => tab(section, variant, among));
    return [tab(section, "", [...variants.values()].flat()), ...(parts.length > 1 ? parts : [])];
  });
}

/** All, one per section, and the variants of the section that is open. */
export function SectionTabs() {
  const all = stageDocument.value?.candidates ?? [];
  const { section, variant } = view.value;
  const approved = all.filter((one) => one.status === "approved").length;
  const tabs: Tab[] = [{ section: "", variant: "", count: all.length, approved }, ...tabsOf(all).filter((tab) => !tab.variant || tab.section === section)];
  if (tabs.length <= 2) return null;
  return (
    <div class="section-tabs" role="group" aria-label="Section">
      {tabs.map((tab) => {
        const name = tab.section === "" ? "All" : tab.variant ? `${tab.section} ${tab.variant}` : tab.section;
        return (
          <button
            key={`${tab.section}/${tab.variant}`} class={`button small ${tab.variant ? "variant" : ""}`} aria-pressed={section === tab.section && variant === tab.variant}
            aria-label={`${name}, ${tab.count} candidates, ${tab.approved} approved`}
            data-testid={tab.variant ? `filter-variant-${tab.section}-${tab.variant}` : `filter-section-${tab.section || "all"}`}
            onClick={() => changeView({ section: tab.section, variant: tab.variant })}
          >
            {name} <span class="muted">{tab.count}</span>{tab.approved > 0 && <span class="approved-count">✓{tab.approved}</span>}
          </button>
        );
      })}
    </div>
  );
}

const SORTS: readonly [string, string][] = [
  ["file", "Order of the file"], ["match", "Match"], ["fitness", "Fitness"], ["novelty", "Novelty"], ["confidence", "Confidence"], ["rating", "Rating"], ["generation", "Newest generation"],
];

export function Filters() {
  const open = stageDocument.value;
  const settings = view.value;
  const isBlind = blindView.value !== null;
  const shown = visibleCandidates.value.length;
  const total = open?.candidates.length ?? 0;
  return (
    <div class="filters" role="search" aria-label="Filter and sort candidates">
      <TextFilter />
      <select aria-label="Status" data-testid="filter-status" value={settings.status} onChange={(event) => changeView({ status: event.currentTarget.value as Status | "" })}>
        <option value="">Every status</option>
        <option value="undecided">○ Undecided</option>
        <option value="approved">✓ Approved</option>
        <option value="rejected">✕ Rejected</option>
      </select>
      {!isBlind && (
        <label class="row small">
          <input type="checkbox" data-testid="filter-kept" checked={settings.kept} onChange={(event) => changeView({ kept: event.currentTarget.checked })} />
          Kept only
        </label>
      )}
      {isBlind ? <span class="muted small">Blind: shuffled order</span> : (
        <label class="row small">
          <span class="muted">Sort</span>
          <select data-testid="sort" value={settings.sort} onChange={(event) => changeView({ sort: event.currentTarget.value })}>
            {SORTS.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
            <optgroup label="Measures">
              {Object.keys(open?.measures ?? {}).map((name) => <option key={name} value={`measure:${name}`}>{words(name)}</option>)}
            </optgroup>
          </select>
        </label>
      )}
      <span class="muted small" role="status" data-testid="candidate-count">{shown === total ? `${total} candidates` : `${shown} of ${total}`}</span>
      {isFiltered(settings) && <button class="button small quiet" onClick={clearFilters} data-testid="filter-clear">Show all</button>}
    </div>
  );
}

/** Typing is shown at once; the list follows when the hand rests for an instant. */
function TextFilter() {
  const typed = useSignal(view.value.text);
  const wanted = view.value.text;
  useEffect(() => void (typed.value = wanted), [wanted]);
  useEffect(() => {
    const timer = window.setTimeout(() => typed.value !== view.peek().text && changeView({ text: typed.value }), 120);
    return () => window.clearTimeout(timer);
  }, [typed.value]);
  return <input type="search" aria-label="Filter by text" placeholder="Filter by text" data-testid="filter-text" value={typed.value} onInput={(event) => (typed.value = event.currentTarget.value)} />;
}
