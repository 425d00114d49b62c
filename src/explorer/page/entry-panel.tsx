/** One exchange: who, what and when, both halves side by side, where it stands in the trail. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { callsAddress, documentAddress, type Address, type Navigate } from "./address.ts";
import { get, type ApiError, type BodyView, type Cell, type EntryView } from "./api.ts";
import {
  cellText,
  countText,
  millisecondsText,
  quoted,
  showUnseen,
  sizeText,
  timeText,
} from "./format.ts";
import type { MarkContext } from "./body-marks.ts";
import { MarkedBody } from "./marked-body.tsx";
import { ProblemNote } from "./problem-note.tsx";
import { ProofNote } from "./proof-note.tsx";
import { asApiError } from "./use-stream.ts";

interface EntryPanelProps {
  readonly id: string;
  readonly address: Address;
  readonly navigate: Navigate;
}

export function EntryPanel({ id, navigate }: EntryPanelProps) {
  const [view, setView] = useState<EntryView | undefined>(undefined);
  const [error, setError] = useState<ApiError | undefined>(undefined);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const abort = new AbortController();
    setError(undefined);
    get<EntryView>(`/api/entry/${encodeURIComponent(id)}`, abort.signal).then(setView, (reason) => {
      if (!abort.signal.aborted) setError(asApiError(reason));
    });
    // Where the rows have given way to the panel, the keyboard goes with them.
    if (document.activeElement?.checkVisibility() !== true) close.current?.focus();
    return () => abort.abort();
  }, [id]);
  const isCurrent = view !== undefined && cell(view, "id") === id;
  return (
    <section class="panel" aria-label="Exchange">
      <button
        type="button"
        class="close"
        ref={close}
        aria-label="Close (Escape)"
        onClick={() => navigate({ id: undefined })}
      >
        ×
      </button>
      {error !== undefined && <ProblemNote error={error} />}
      {error === undefined && !isCurrent && <p class="note">Reading…</p>}
      {error === undefined && isCurrent && <Entry view={view} navigate={navigate} />}
    </section>
  );
}

function cell(view: EntryView, name: string): Cell | undefined {
  return view.row[view.columns.indexOf(name)];
}

/** `call 3 of 212 (4100000 documents)`. */
function partText({ read }: EntryView): string {
  if (read === undefined) return "part";
  const { call, calls, documents } = read;
  const place = call === 0 ? `belongs to ${calls} calls` : `call ${call} of ${calls}`;
  return `${place} (${countText(documents)} documents)`;
}

function Entry({ view, navigate }: { readonly view: EntryView; readonly navigate: Navigate }) {
  const text = (name: string): string => cellText(name, cell(view, name));
  const status = cell(view, "status");
  const title = [text("method"), text("url")].filter((part) => part !== "").join(" ");
  const facts = (view.facts ?? {}) as Readonly<Record<string, unknown>>;
  const watched = listOf(facts["watched"]);
  const kind = cursorKind(facts["read"]);
  // What the exchange is about, where a document says no index of its own.
  const index = valuesOf(cell(view, "index")).join(",") || undefined;
  const [asked, answered] = useMemo(
    () => [
      { watched: new Set<string>(), index },
      { watched: new Set(watched), index },
    ],
    [view],
  ) as [MarkContext, MarkContext];
  return (
    <>
      <h2>{title === "" ? text("action") || text("kind") : title}</h2>
      <dl class="facts">
        <Fact
          name="answer"
          value={
            view.isOpen ? "none in the trail yet" : `${String(status ?? "")} ${text("outcome")}`
          }
        />
        <Fact name="began" value={`${text("time")} UTC`} />
        {(["user", "source", "action", "index"] as const).map((name) => (
          <LinkedFact
            name={name}
            values={valuesOf(cell(view, name))}
            title={() => "all of these"}
            onAsk={(value) =>
              navigate({ view: "search", id: undefined, q: `${name}: ${quoted(value)}` })
            }
          />
        ))}
        {(["ids_returned", "ids_written"] as const).map((name) => (
          <LinkedFact
            name={name === "ids_returned" ? "returned" : "written"}
            values={index === undefined ? [] : listOf(facts[name])}
            title={(id) => `who saw ${id} of ${index ?? ""}?`}
            onAsk={(id) => index !== undefined && navigate(documentAddress(index, id))}
          />
        ))}
        <LinkedFact
          name="read"
          values={kind === undefined ? [] : [`${partText(view)} of a ${kind}`]}
          title={() => (view.read === undefined ? "all reads of that time" : "all calls of it")}
          onAsk={() => navigate(readAddress(view))}
        />
        {watched.length > 0 && (
          <>
            <dt>watched</dt>
            <dd>
              <mark class="watched">{watched.join(", ")}</mark>
            </dd>
          </>
        )}
        <Fact name="error" value={text("error")} />
        <Fact name="id" value={text("id")} />
      </dl>
      <Timings view={view} />
      <ProofNote id={text("id")} />
      <div class="halves">
        <Body title="request" body={view.request} context={asked} navigate={navigate} />
        <Body title="answer" body={view.response} context={answered} navigate={navigate} />
      </div>
      {view.facts !== undefined && (
        <details open>
          <summary>facts</summary>
          <pre>{JSON.stringify(view.facts, null, 2)}</pre>
        </details>
      )}
      {view.records.map((record, at) => (
        <details>
          <summary>
            {at === 0 ? "first record" : "last record"}
            {record === null
              ? ": not in the trail"
              : `: ${record.segment} at ${countText(record.offset)}, ${sizeText(record.bytes)}`}
          </summary>
          {record !== null && <pre>{JSON.stringify(record.document, null, 2)}</pre>}
        </details>
      ))}
    </>
  );
}

function valuesOf(value: Cell | undefined): string[] {
  if (value === null || value === undefined || value === "") return [];
  return typeof value === "object" ? value.map(String) : [String(value)];
}

/** Of the cursor that joins the exchange to others; kinds and digests come in turn. */
function cursorKind(read: unknown): string | undefined {
  const { asked, given } = (read ?? {}) as Readonly<Record<string, unknown>>;
  return listOf(asked)[0] ?? listOf(given)[0];
}

/** A read of many calls may take its time. Milliseconds. */
const longReadMs = 3_600_000;

/** All calls of the read, or, where it is not known, the reads of that time. */
function readAddress(view: EntryView): Partial<Address> {
  const { read } = view;
  if (read !== undefined) return callsAddress(read.id);
  return readsAround(cell(view, "time"));
}

function readsAround(time: Cell | undefined): Partial<Address> {
  const at = typeof time === "number" ? time : Date.now();
  const range = { range: "custom", since: at - longReadMs, until: at + longReadMs };
  return { ...range, view: "reads", sort: "", id: undefined };
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

interface FactProps {
  readonly name: string;
  readonly value: string;
}

function Fact({ name, value }: FactProps) {
  if (value.trim() === "") return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

interface LinkedFactProps {
  readonly name: string;
  readonly values: readonly string[];
  readonly title: (value: string) => string;
  readonly onAsk: (value: string) => void;
}

/** Each value leads to what else there is with it. */
function LinkedFact({ name, values, title, onAsk }: LinkedFactProps) {
  if (values.length === 0) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd class="values">
        {values.map((value) => (
          <button type="button" class="link" title={title(value)} onClick={() => onAsk(value)}>
            {showUnseen(value)}
          </button>
        ))}
      </dd>
    </>
  );
}

function Timings({ view }: { readonly view: EntryView }) {
  const document = view.records[1]?.document;
  const total = cell(view, "ms");
  if (typeof total !== "number") return null;
  const proxy = document?.["es_proxy"] as Record<string, unknown> | undefined;
  const first = Number(proxy?.["time_to_first_byte"] ?? Number.NaN) / 1e6;
  return (
    <p class="timings">
      {Number.isFinite(first) && (
        <>
          <meter min={0} max={Math.max(total, 0.001)} value={first} />
          {millisecondsText(first)} until the answer began,{" "}
        </>
      )}
      {millisecondsText(total)} in all, ended {timeText(endOf(view, total))}
    </p>
  );
}

function endOf(view: EntryView, total: number): number | undefined {
  const began = cell(view, "time");
  return typeof began === "number" ? began + total : undefined;
}

const states: Readonly<Record<BodyView["state"], string>> = {
  none: "none",
  inline: "",
  stored: "",
  hidden: "not recorded, because it may hold secrets",
  not_stored: "content not recorded",
  unknown: "was under way; nothing more is known",
};

interface BodyProps {
  readonly title: string;
  readonly body: BodyView;
  readonly context: MarkContext;
  readonly navigate: Navigate;
}

function Body({ title, body, context, navigate }: BodyProps) {
  const parts = [
    body.mediaType,
    body.coding,
    sizeText(body.bytes),
    body.isComplete ? "" : "cut off",
    body.redaction === undefined ? "" : `redaction: ${body.redaction}`,
    states[body.state],
    body.isBinary ? "binary, its beginning in hexadecimal" : "",
  ].filter((part) => part !== undefined && part !== "");
  return (
    <div class="half">
      <h3>
        {title} <small>{parts.join(", ")}</small>
      </h3>
      {body.error !== undefined && <p class="note error">{body.error}</p>}
      {body.text !== undefined && (
        <pre tabIndex={0}>
          {body.isBinary ? (
            body.text
          ) : (
            <MarkedBody text={body.text} context={context} navigate={navigate} />
          )}
          {body.isCut && "\n… more: es-proxy audit show ID --body"}
        </pre>
      )}
    </div>
  );
}
