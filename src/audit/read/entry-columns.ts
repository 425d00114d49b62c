/** What lists show of an entry, by the names that people type for it. */
import { suggestion } from "../../core/suggestion.ts";
import { readField, recordFields } from "../../kql/record-fields.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** A single value of a record. */
export type Scalar = string | number | boolean;

/** What a column's numbers are. */
export type ColumnUnit = "instant" | "milliseconds" | "bytes" | "count";

/** One thing that is known of entries. */
export interface EntryColumn {
  /** As it is typed. */
  readonly name: string;
  readonly help: string;
  /** Of numbers; `undefined`: the values are texts. */
  readonly unit: ColumnUnit | undefined;
  /** There may be several values. */
  readonly isList?: boolean;
  /** No value, one, or several; instants in milliseconds since the epoch. */
  values(entry: TrailEntry): readonly Scalar[];
}

const columns: readonly EntryColumn[] = [
  {
    name: "time",
    help: "when it began, UTC",
    unit: "instant",
    values: ({ startMs }) => (Number.isNaN(startMs) ? [] : [startMs]),
  },
  text("id", "UUIDv7", "event.id"),
  {
    name: "ref",
    help: "the last digits of the id, enough for show",
    unit: undefined,
    values: ({ id }) => (id === "" ? [] : [id.slice(-8)]),
  },
  text("user", "whom the credential names", "user.name", "user.id"),
  text("effective", "whom a run-as request acts for", "user.effective.name"),
  text(
    "source",
    "address of the client",
    "client.ip",
    "client.address",
    "source.ip",
    "source.address",
  ),
  text("method", "", "http.request.method"),
  text("path", "", "url.path", "url.original"),
  text("url", "path and query", "url.original"),
  text("action", "API endpoint, or what happened", "event.action"),
  {
    name: "index",
    help: "indices that were asked for",
    unit: undefined,
    isList: true,
    values: (entry) =>
      first(entry, ["es_proxy.facts.indices", "es_proxy.indices", "elasticsearch.audit.indices"]),
  },
  number("status", "of the answer", "count", "http.response.status_code"),
  text("outcome", "how it ended", "es_proxy.outcome", "event.outcome"),
  {
    name: "ms",
    help: "from the request's head to the answer's end, in milliseconds",
    unit: "milliseconds",
    values: (entry) => first(entry, ["event.duration"]).map((duration) => Number(duration) / 1e6),
  },
  {
    name: "ttfb",
    help: "from the request's head to the answer's first byte, in milliseconds",
    unit: "milliseconds",
    values: (entry) =>
      first(entry, ["es_proxy.time_to_first_byte"]).map((duration) => Number(duration) / 1e6),
  },
  number("took", "as Elasticsearch says, in milliseconds", "milliseconds", "es_proxy.facts.took"),
  number("docs", "documents in the answer", "count", "es_proxy.facts.documents"),
  number("in", "bytes of the request's body", "bytes", "http.request.body.bytes", "source.bytes"),
  number(
    "out",
    "bytes of the answer's body",
    "bytes",
    "http.response.body.bytes",
    "destination.bytes",
  ),
  text("agent", "User-Agent", "user_agent.original"),
  text("error", "code of an error of the proxy", "error.code"),
  text("class", "read, write, admin, security or meta", "es_proxy.class"),
  text("fingerprint", "shape of the query", "es_proxy.facts.fingerprint"),
  text("read", "first call of the read of several calls that it is a part of", readField),
  text("listener", "", "es_proxy.listener"),
  text("pool", "", "es_proxy.pool"),
  text("endpoint", "who answered", "es_proxy.upstream.endpoint"),
  {
    name: "kind",
    help: "exchange, session, gap, event",
    unit: undefined,
    values: ({ kind }) => [kind],
  },
];
const byName = new Map(columns.map((column) => [column.name, column]));

/** All columns that have a short name. */
export const entryColumns: readonly EntryColumn[] = columns;

/** A column by its short name, or for any field of records; `undefined`: there is none. */
export function columnOf(name: string): EntryColumn | undefined {
  const known = byName.get(name);
  if (known !== undefined) return known;
  const field = recordFields.get(name);
  if (field === undefined || field.type === "object" || field.type === "nested") return undefined;
  const isNumber = field.type === "long";
  return {
    name,
    help: "",
    unit: isNumber ? "count" : undefined,
    isList: field.definition?.isList === true || field.type === "flattened",
    values: (entry) => first(entry, [field.path.join(".")]),
  };
}

/** What was probably meant by the name of no column. */
export function suggestColumn(name: string): string | undefined {
  return suggestion(name, [...byName.keys(), ...recordFields.names()]);
}

function text(name: string, help: string, ...paths: readonly string[]): EntryColumn {
  return { name, help, unit: undefined, values: (entry) => first(entry, paths) };
}

function number(
  name: string,
  help: string,
  unit: ColumnUnit,
  ...paths: readonly string[]
): EntryColumn {
  return { name, help, unit, values: (entry) => first(entry, paths) };
}

/** The values at the first of the paths that has any. */
function first(entry: TrailEntry, paths: readonly string[]): readonly Scalar[] {
  for (const path of paths) {
    const values = scalars(entry.value(path));
    if (values.length > 0) return values;
  }
  return [];
}

function scalars(value: unknown): readonly Scalar[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return [value];
  return Array.isArray(value) ? (value as readonly unknown[]).flatMap(scalars) : [];
}
