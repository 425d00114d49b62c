/** A timeline, facets and rows for one question; new rows come by themselves when asked for. */
import { useEffect, useState } from "preact/hooks";

import type { Address, Navigate } from "./address.ts";
import { stream, type Row, type SearchAnswer } from "./api.ts";
import { FacetList } from "./facet-list.tsx";
import { countText } from "./format.ts";
import { ProblemNote, TrailNote } from "./problem-note.tsx";
import { RowTable } from "./row-table.tsx";
import { TimelineChart } from "./timeline-chart.tsx";
import { useStream } from "./use-stream.ts";

interface ViewProps {
  readonly address: Address;
  readonly navigate: Navigate;
  /** Of the API call. */
  readonly query: string;
  readonly round: number;
}

/** Rows that come with an answer; the next ones when they are scrolled to. */
const rowsAtOnce = 1000;
/** Of live rows the youngest are kept. */
const maxLiveRows = 5000;

export function SearchView({ address, navigate, query, round }: ViewProps) {
  const path = `/api/search?${query}${query === "" ? "" : "&"}limit=${rowsAtOnce}`;
  const { answer, error } = useStream<SearchAnswer>(path, round);
  const [isLive, setLive] = useState(false);
  const [live, setLiveRows] = useState<readonly Row[]>([]);
  const [older, setOlder] = useState<readonly Row[]>([]);
  const [isAllLoaded, setAllLoaded] = useState(false);

  useEffect(() => {
    setLiveRows([]);
    setOlder([]);
    setAllLoaded(false);
  }, [path, round]);

  useEffect(() => {
    if (!isLive) return undefined;
    const abort = new AbortController();
    const parameters = new URLSearchParams(address.q.trim() === "" ? {} : { q: address.q });
    void (async () => {
      try {
        for await (const { rows } of stream<{ rows: readonly Row[] }>(
          `/api/live?${parameters}`,
          abort.signal,
        ))
          if (rows.length > 0)
            setLiveRows((known) => [...rows.toReversed(), ...known].slice(0, maxLiveRows));
      } catch {
        if (!abort.signal.aborted) setLive(false);
      }
    })();
    return () => abort.abort();
  }, [isLive, address.q]);

  if (error !== undefined) return <ProblemNote error={error} q={address.q} />;
  if (answer === undefined)
    return (
      <p class="note" role="status">
        Reading…
      </p>
    );
  const rows = distinct([live, answer.rows, older]);
  const loadOlder = async (): Promise<void> => {
    const last = rows.at(-1)?.[0];
    if (typeof last !== "number" || !answer.isDone || isAllLoaded) return;
    const parameters = new URLSearchParams(query);
    parameters.set("until", String(Math.ceil(last) + 1));
    parameters.set("limit", String(rowsAtOnce));
    let next: SearchAnswer | undefined;
    for await (const part of stream<SearchAnswer>(
      `/api/search?${parameters}`,
      new AbortController().signal,
    ))
      next = part;
    const known = new Set(rows.map((row) => row[1]));
    const fresh = next?.rows.filter((row) => !known.has(row[1] ?? null)) ?? [];
    if (fresh.length === 0) setAllLoaded(true);
    setOlder((before) => [...before, ...fresh]);
  };
  return (
    <div class="search">
      <section class="overview" aria-label="Timeline">
        <div class="bar">
          <strong>{countText(answer.found)}</strong> found
          <label>
            <input
              type="checkbox"
              checked={isLive}
              onChange={(event) => setLive(event.currentTarget.checked)}
            />{" "}
            live
          </label>
        </div>
        {answer.warnings.map(({ message, suggestion }) => (
          <p class="note warning" role="status">
            {message} {suggestion}
          </p>
        ))}
        <TrailNote state={answer} />
        <TimelineChart
          timeline={answer.timeline}
          onZoom={(since, until) => navigate({ range: "custom", since, until })}
        />
      </section>
      <FacetList facets={answer.facets} address={address} navigate={navigate} />
      {rows.length === 0 && answer.isDone ? (
        <p class="note">
          Nothing matches. Choose a longer time, or{" "}
          <button type="button" class="link" onClick={() => navigate({ q: "", range: "all" })}>
            ask without filter
          </button>
          .
        </p>
      ) : (
        <RowTable
          columns={answer.columns}
          rows={rows}
          selected={address.id}
          onSelect={(id) => navigate({ id })}
          onEnd={() => void loadOlder()}
        />
      )}
    </div>
  );
}

/** Rows of several lists, each once. */
function distinct(lists: readonly (readonly Row[])[]): Row[] {
  const seen = new Set<unknown>();
  return lists.flatMap((rows) =>
    rows.filter((row) => {
      const id = row[1];
      if (id === null || id === undefined) return true;
      if (seen.has(id)) return false;
      seen.add(id);
      return true;
    }),
  );
}
