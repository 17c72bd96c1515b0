// "What made it …": why the scorer says what it says of one candidate. Every picture here is a cell of a table whose other cells say the same in words.
import { useEffect, useState } from "preact/hooks";
import { api, ApiError, get } from "../api";
import { songOf } from "../state/library";
import type { StageName, Why, WhyDescriptor } from "../types";
import { AxesChart } from "./axes_chart";
import { BoxPlot } from "./box_plot";
import { plain, sentence, signed } from "./why_words";
import "../styles/why.css";

export interface WhyPanelProps {
  song: string;
  stage: StageName;
  id: string;
  axes?: boolean; // false where the page shows the axes beside it
}

const PAUSE_MS = 120; // walking through a list with the arrow keys asks once, for the candidate one stops at

type State = { of: string; why: Why | null; problem: string | null };

export function WhyPanel({ song, stage, id, axes = true }: WhyPanelProps) {
  const [state, setState] = useState<State | null>(null);
  const version = state?.problem ? songOf(song)?.version : null; // what could not be said may be known after a change
  useEffect(() => {
    const given = new AbortController();
    const timer = window.setTimeout(() => {
      get<Why>(api("songs", song, "stages", stage, "why", id), given.signal)
        .then((why) => setState({ of: id, why, problem: null }))
        .catch((reason: unknown) => {
          if (given.signal.aborted) return;
          setState({ of: id, why: null, problem: reason instanceof ApiError ? reason.message : String(reason) });
        });
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
      given.abort();
    };
  }, [song, stage, id, version]);

  const isCurrent = state !== null && state.of === id;
  return (
    <section class="why" aria-label="Why" aria-busy={!isCurrent}>
      {!isCurrent && <p class="muted small">Asking the scorer…</p>}
      {isCurrent && state.problem !== null && <p class="problem" role="status">{state.problem}</p>}
      {isCurrent && state.why !== null && <Answer why={state.why} axes={axes} />}
    </section>
  );
}

function Answer({ why, axes }: { why: Why; axes: boolean }) {
  const isOfLines = why.usual === null && why.groups.length > 0;
  const terms = why.usual === null ? why.groups : [{ name: "usual in the catalog", contribution: why.usual }, ...why.groups];
  return (
    <>
      <h3>What made it {why.target}</h3>
      <Facts why={why} />
      <Bars caption="By expert" head="Expert" terms={why.experts} />
      {terms.length > 0 && <Bars caption={isOfLines ? "By line" : "By what is heard"} head={isOfLines ? "Line" : "Part of the sound"} terms={terms} />}
      {why.descriptors.length > 0 && <Descriptors descriptors={why.descriptors} target={why.target} />}
      {axes && (
        <div>
          <h4>Axes</h4>
          <AxesChart axes={why.axes} detailed />
        </div>
      )}
      <p class="muted small why-note">{why.note}</p>
    </>
  );
}

/** The scorer's own numbers, each with what it means. */
function Facts({ why }: { why: Why }) {
  const facts: [string, string, string][] = [
    ["fitness", why.fitness === null ? "unknown" : signed(why.fitness), "how much better the target explains it than everything else does, natural log units"],
    ["match", share(why.match), `share of the catalog's own ${why.target} that fits less`],
    ["confidence", share(why.confidence), "how sure the likeliest class is"],
    ["novelty", share(why.novelty), "share of the catalog that is less unusual"],
  ];
  return (
    <dl class="why-facts">
      {facts.map(([name, value, meaning]) => (
        <div key={name} title={meaning}>
          <dt>{name}<span class="visually-hidden"> ({meaning})</span></dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const share = (value: number | null): string => (value === null ? "unknown" : `${plain(Math.round(100 * value))} %`);

function Bars({ caption, head, terms }: { caption: string; head: string; terms: { name: string; contribution: number }[] }) {
  const largest = Math.max(...terms.map((term) => Math.abs(term.contribution)), 1e-9);
  return (
    <table class="why-bars">
      <caption>{caption}</caption>
      <thead class="visually-hidden">
        <tr><th scope="col">{head}</th><th scope="col">Picture</th><th scope="col">Adds to the fitness</th></tr>
      </thead>
      <tbody>
        {terms.map((term) => (
          <tr key={term.name}>
            <th scope="row">{term.name}</th>
            <td aria-hidden="true"><Bar value={term.contribution} largest={largest} /></td>
            <td class="why-number">{signed(term.contribution)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A bar from the middle: right and filled adds, left and hatched takes away. */
function Bar({ value, largest }: { value: number; largest: number }) {
  const width = `${(50 * Math.abs(value)) / largest}%`;
  return (
    <span class="why-bar">
      <span class={value < 0 ? "takes" : "adds"} style={value < 0 ? { right: "50%", width } : { left: "50%", width }} />
    </span>
  );
}

/** Rows are drawn as blocks, words above the picture, so the roles say that this is a table. */
function Descriptors({ descriptors, target }: { descriptors: WhyDescriptor[]; target: string }) {
  const largest = Math.max(...descriptors.map((each) => Math.abs(each.contribution)), 1e-9);
  return (
    <table class="why-descriptors" role="table">
      <caption>What moved it most, beside the catalog: upper box {target}, lower box the others, line this candidate</caption>
      <thead class="visually-hidden" role="rowgroup">
        <tr role="row"><th scope="col" role="columnheader">Descriptor</th><th scope="col" role="columnheader">Picture</th><th scope="col" role="columnheader">Adds to the fitness</th></tr>
      </thead>
      <tbody role="rowgroup">
        {descriptors.map((each) => (
          <tr key={each.name} role="row">
            <th scope="row" role="rowheader">
              <span class="why-meaning" title={each.name}>{each.meaning}</span>
              <span class="why-sentence">{sentence(each, target)}</span>
            </th>
            <td role="cell"><BoxPlot of={each.class_quantiles} others={each.other_quantiles} value={each.value} /></td>
            <td class="why-number" role="cell">
              <span aria-hidden="true"><Bar value={each.contribution} largest={largest} /></span>
              {signed(each.contribution)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
