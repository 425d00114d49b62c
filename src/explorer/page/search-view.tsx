/** A timeline, facets and rows for one question; new rows come by themselves when asked for. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { ViewProps } from "./address.ts";
import {
  get,
  stream,
  type ApiError,
  type OlderAnswer,
  type Row,
  type SearchAnswer,
} from "./api.ts";
import { FacetList } from "./facet-list.tsx";
import { countText } from "./format.ts";
import { ProblemNote, TrailNote } from "./problem-note.tsx";
import { RowTable } from "./row-table.tsx";
import { TimelineChart } from "./timeline-chart.tsx";
import { asApiError, useStream } from "./use-stream.ts";

/** Rows that come with an answer; the next ones when they are scrolled to. */
const rowsAtOnce = 1000;
/** Of live rows the youngest are kept. */
const maxLiveRows = 5000;
/** Rows that did not come are asked for again after this time. Milliseconds. */
const retryMs = 2000;

export function SearchView({ address, navigate, query, round }: ViewProps) {
  const path = `/api/search?${query}${query === "" ? "" : "&"}limit=${rowsAtOnce}`;
  const { answer, error } = useStream<SearchAnswer>(path, round);
  const [isLive, setLive] = useState(false);
  const [live, setLiveRows] = useState<readonly Row[]>([]);
  const [older, setOlder] = useState<readonly Row[]>([]);
  const [isAllLoaded, setAllLoaded] = useState(false);
  const [olderError, setOlderError] = useState<ApiError | undefined>(undefined);
  const [attempts, setAttempts] = useState(0);
  const isLoading = useRef(false);
  const olderAbort = useRef(new AbortController());

  useEffect(() => {
    setLiveRows([]);
    setOlder([]);
    setAllLoaded(false);
    setOlderError(undefined);
    olderAbort.current = new AbortController();
    return () => olderAbort.current.abort();
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

  const found = answer?.rows;
  const rows = useMemo(() => distinct([live, found ?? [], older]), [live, found, older]);
  if (error !== undefined) return <ProblemNote error={error} q={address.q} />;
  if (answer === undefined)
    return (
      <p class="note" role="status">
        Reading…
      </p>
    );
  const loadOlder = async (): Promise<void> => {
    const last = rows.at(-1)?.[0];
    const newest = rows.at(-rowsAtOnce)?.[0] ?? rows[0]?.[0];
    if (typeof last !== "number" || isLoading.current || isAllLoaded) return;
    isLoading.current = true;
    const parameters = new URLSearchParams(query);
    parameters.set("until", String(Math.ceil(last) + 1));
    if (typeof newest === "number") parameters.set("span", String(newest - last));
    const asked = round;
    try {
      const next = await get<OlderAnswer>(`/api/older?${parameters}`, olderAbort.current.signal);
      if (asked !== round) return;
      const known = new Set(rows.map((row) => row[1]));
      const fresh = next.rows.filter((row) => !known.has(row[1] ?? null));
      if (next.isAll || fresh.length === 0) setAllLoaded(true);
      setOlder((before) => [...before, ...fresh]);
      setOlderError(undefined);
      setAttempts((before) => before + 1);
    } catch (reason) {
      if (olderAbort.current.signal.aborted) return;
      setOlderError(asApiError(reason));
      setTimeout(() => setAttempts((before) => before + 1), retryMs);
    } finally {
      isLoading.current = false;
    }
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
        {olderError !== undefined && <ProblemNote error={olderError} />}
        {(answer.found > 0 || !answer.isDone) && (
          <TimelineChart
            timeline={answer.timeline}
            onZoom={(since, until) => navigate({ range: "custom", since, until })}
          />
        )}
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
          attempts={attempts}
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
