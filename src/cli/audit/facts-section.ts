/** What was worked out of the bodies of an exchange, on a page for a terminal. */
import {
  membersOf,
  textAt,
  valueAt,
  type AuditDocument,
} from "../../audit/format/audit-document.ts";
import type { ReadPart } from "../../audit/index/read-of-exchange.ts";
import type { TrailEntry } from "../../audit/read/trail-entry.ts";
import { durationText } from "./cell.ts";
import type { PageText } from "./page-text.ts";

/** Ids, names and the like that are shown; `query --format json` has all that are known. */
const mostShown = 10;

/** Puts the facts of an entry on the page; nothing where none were derived. */
export function putFacts(page: PageText, entry: TrailEntry): void {
  const facts = membersOf(entry.value("es_proxy.facts"));
  if (Object.keys(facts).length === 0) return;
  page.field("indices", listed(textsAt(facts, "indices"), numberOf(facts, "more_indices")));
  page.field("names", listed(textsAt(facts, "names").filter(isTelling), 0));
  page.field(
    "actions",
    counted(facts, "actions", ({ action, index }) => `${action} ${index}`),
  );
  page.field("result", resultText(facts));
  page.field("returned", idsText(facts, "ids_returned", numberOf(facts, "documents")));
  page.field("written", idsText(facts, "ids_written", numberOf(facts, "written")));
  page.field("by query", byQueryText(membersOf(facts["by_query"])));
  page.field("watched", watchedText(facts));
  page.field(
    "values",
    counted(facts, "values", ({ kind, name }) => `${kind} ${name}`),
  );
  page.field("columns", listed(textsAt(facts, "columns"), 0));
  page.field("looked at", listed(lookupTexts(facts), 0));
  page.field(
    "errors",
    counted(facts, "errors", ({ type }) => type ?? ""),
  );
  page.field("query", textAt(facts, "query"));
  page.field("shape", textAt(facts, "fingerprint"));
  for (const side of ["request", "response"] as const)
    page.field("not seen", unseenText(side, membersOf(valueAt(facts, `examined.${side}`))));
}

/** `call 3 of 212 of a scroll by alice: 4100000 documents (4099870 different) in 95 s`. */
export function readText(part: ReadPart | undefined): string | undefined {
  if (part === undefined) return undefined;
  const { call, operation } = part;
  const { kind, users, calls, documents, distinctDocuments, isDistinctExact } = operation;
  const [of, by] = [kind.replaceAll("_", " "), users.join(", ")];
  const place = call === 0 ? `belongs to ${calls} calls` : `call ${call} of ${calls}`;
  const different = `${isDistinctExact ? "" : "~"}${distinctDocuments} different`;
  return (
    `${place} of one read (${of})${by === "" ? "" : ` by ${by}`}: ${documents} documents, ` +
    `${different}, in ${durationText(operation.durationMs)}; the first call is ` +
    operation.id.slice(-8)
  );
}

/** That an index is read or written stands in the lines before. */
function isTelling(name: string): boolean {
  return !/^(?:read|write) (?:index|data_stream) /.test(name);
}

/** `4 of 10000 hits, 1 of 5 shards failed, took 9 ms`. */
function resultText(facts: AuditDocument): string {
  const { hits, hits_relation: relation, took, timed_out: isTimedOut } = facts;
  const shards = membersOf(facts["shards"]);
  const [failedShards, allShards] = [numberOf(shards, "failed"), numberOf(shards, "total")];
  const [items, failures] = [numberOf(facts, "items"), numberOf(facts, "failures")];
  return [
    typeof hits === "number"
      ? `${numberOf(facts, "documents")} of ${hits}${relation === "gte" ? " or more" : ""} hits`
      : "",
    items > 0 ? `${items} items` : "",
    failures > 0 ? `${failures} failed` : "",
    failedShards > 0 ? `${failedShards} of ${allShards} shards failed` : "",
    typeof took === "number" ? `took ${took} ms` : "",
    isTimedOut === true ? "timed out" : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** `2 documents: 4711, 4712 (without content)`. */
function idsText(facts: AuditDocument, name: string, count: number): string {
  const ids = textsAt(facts, name);
  if (count === 0 && ids.length === 0) return "";
  const isReturned = name === "ids_returned";
  const missing = isReturned ? numberOf(facts, "missing") : 0;
  const hasNone = isReturned && numberOf(facts, "with_content") === 0;
  const notes = [hasNone ? "without content" : "", missing > 0 ? `${missing} not there` : ""];
  const noted = notes.filter((note) => note !== "").join(", ");
  return (
    // Among the ids are those of items that failed.
    `${ids.length > count ? `${count} of ${ids.length}` : count} ` +
    `document${count === 1 && ids.length === 1 ? "" : "s"}` +
    (ids.length === 0 ? "" : `: ${listed(ids, Math.max(0, count - ids.length))}`) +
    (noted === "" ? "" : ` (${noted})`)
  );
}

function byQueryText(counts: AuditDocument): string {
  return Object.entries(counts)
    .filter(([, count]) => typeof count === "number" && count > 0)
    .map(([name, count]) => `${String(count)} ${name.replaceAll("_", " ")}`)
    .join(", ");
}

function watchedText(facts: AuditDocument): string {
  const fields = new Map<string, number>();
  for (const { field, documents } of objectsAt(facts, "watched_documents"))
    if (typeof field === "string")
      fields.set(field, (fields.get(field) ?? 0) + (typeof documents === "number" ? documents : 0));
  if (fields.size === 0) return listed(textsAt(facts, "watched"), 0);
  return listed(
    Array.from(fields, ([field, count]) => (count > 0 ? `${field} (${count})` : field)),
    0,
  );
}

function lookupTexts(facts: AuditDocument): string[] {
  return objectsAt(facts, "lookups").map(({ kind, index, id }) =>
    [kind, index, id].filter((part) => typeof part === "string").join(" "),
  );
}

/** What the facts do not rest on, and why. */
function unseenText(side: "request" | "response", examined: AuditDocument): string {
  const { state, reason, at } = examined;
  if (state !== "partial" && !(state === "none" && typeof reason === "string")) return "";
  const body = side === "request" ? "body of the request" : "body of the answer";
  const from = typeof at === "number" ? ` from byte ${at} on` : "";
  const why = typeof reason === "string" ? `: ${reason.replaceAll("_", " ")}` : "";
  return `${body}${state === "partial" ? from : ""}${why}`;
}

/** Objects with a count as `search (2), get`. */
function counted(
  facts: AuditDocument,
  name: string,
  textOf: (object: Readonly<Record<string, string>>) => string,
): string {
  const texts = objectsAt(facts, name).map((object) => {
    const strings = Object.entries(object).filter(([, value]) => typeof value === "string");
    const text = textOf(Object.fromEntries(strings) as Record<string, string>);
    const { count } = object;
    return typeof count === "number" && count > 1 ? `${text} (${count})` : text;
  });
  return listed(texts, 0);
}

/** The first ones, and how many more there are. @param more those that are not in the list */
function listed(texts: readonly string[], more: number): string {
  const rest = Math.max(0, texts.length - mostShown) + more;
  return texts.slice(0, mostShown).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function textsAt(document: AuditDocument, name: string): string[] {
  const value = document[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function objectsAt(document: AuditDocument, name: string): AuditDocument[] {
  const value = document[name];
  return Array.isArray(value) ? value.map(membersOf) : [];
}

function numberOf(document: AuditDocument, name: string): number {
  const value = document[name];
  return typeof value === "number" ? value : 0;
}
