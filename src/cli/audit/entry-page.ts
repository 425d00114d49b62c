/** One entry on a terminal: who, what and when, both halves, timings and bodies. */
import { STATUS_CODES } from "node:http";

import { erasedWords, eventWords } from "../../audit/read/event-words.ts";
import { readOfExchange } from "../../audit/index/read-of-exchange.ts";
import type { RecordLine, TrailEntry } from "../../audit/read/trail-entry.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { putBody } from "./body-section.ts";
import { putFacts, readText } from "./facts-section.ts";
import { durationText, sizeText } from "./cell.ts";
import type { Output, Style } from "./output.ts";
import { labelWidth, PageText } from "./page-text.ts";
import { statusStyle } from "./row-writer.ts";

/** What stands beside the bars of timings. Columns. */
const barMargin = 34;
/** Width of a page whose terminal does not report one. Columns. */
const usualWidth = 80;

/**
 * The whole page.
 *
 * @param directory of the trail; "": it is elsewhere
 * @param isFull with all of the bodies, not only their beginning
 */
export async function entryPage(
  directory: string,
  entry: TrailEntry,
  output: Output,
  isFull: boolean,
): Promise<string> {
  const page = new PageText(output);
  putHead(page, entry);
  putIdentity(page, entry);
  putFacts(page, entry);
  if (directory !== "") page.field("read", readText(await readOfExchange(directory, entry)));
  putTimings(page, entry);
  for (const side of ["request", "response"] as const)
    await putBody(page, directory, entry, side, isFull);
  putRecords(page, entry);
  return page.text;
}

/** `POST /logs/_search?size=1`, and what became of it. */
function putHead(page: PageText, entry: TrailEntry): void {
  const action = entry.text("event.action") ?? entry.kind;
  const target = [entry.text("http.request.method"), entry.text("url.original")];
  const title = target.filter((part) => part !== undefined).join(" ");
  page.line(page.style("bold", toOneLine(title === "" ? action : title)));
  const [result, style] = resultOf(entry);
  const what = [action, entry.text("es_proxy.class"), listText(entry, "es_proxy.indices")]
    .filter((part) => part !== undefined && part !== "")
    .join(" · ");
  page.line(`${page.style(style, result)}  ${page.style("dim", toOneLine(what))}`.trimStart());
  if (entry.kind === "event") page.line(toOneLine(eventWords(entry)));
  const erased = erasedWords(entry);
  if (erased !== undefined) page.line(page.style("yellow", toOneLine(erased)));
  page.line("");
}

function resultOf(entry: TrailEntry): readonly [text: string, style: Style] {
  const status = entry.number("http.response.status_code");
  if (status !== undefined)
    return [`${status} ${STATUS_CODES[status] ?? ""}`.trim(), statusStyle(status) ?? "green"];
  if (entry.isOpen) return ["no answer in the trail yet", "yellow"];
  const outcome = entry.text("es_proxy.outcome") ?? entry.text("event.outcome") ?? "";
  return [outcome, outcome === "success" ? "green" : "yellow"];
}

function putIdentity(page: PageText, entry: TrailEntry): void {
  page.field("id", entry.id);
  if (!Number.isNaN(entry.startMs)) {
    const began = new Date(entry.startMs).toISOString().replace("T", " ").replace("Z", " UTC");
    page.field("began", began);
  }
  page.field("user", userText(entry));
  page.field("host", entry.text("host.hostname"));
  page.field("source", sourceText(entry));
  page.field("agent", entry.text("user_agent.original"));
  page.field("x-opaque-id", entry.text("es_proxy.headers.x-opaque-id"));
  page.field("trace", entry.text("trace.id"));
  page.field("way", wayText(entry));
  page.field("outcome", outcomeText(entry));
  page.field("reason", entry.text("event.reason"));
  for (const [label, path] of [
    ["gap", "es_proxy.gap"],
    ["details", "es_proxy.event"],
  ] as const) {
    const value = entry.value(path);
    if (value !== undefined) page.field(label, JSON.stringify(value));
  }
}

function userText(entry: TrailEntry): string | undefined {
  const name = entry.text("user.name") ?? entry.text("user.id");
  const scheme = entry.text("es_proxy.auth.scheme");
  const effective = entry.text("user.effective.name");
  if (name === undefined && scheme === undefined) return undefined;
  const parts = [
    name ?? "unknown",
    effective === undefined ? "" : `acting for ${effective}`,
    scheme === undefined ? "" : `(${scheme})`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function sourceText(entry: TrailEntry): string | undefined {
  const at = (group: string): string | undefined => {
    const address = entry.text(`${group}.ip`) ?? entry.text(`${group}.address`);
    const port = entry.text(`${group}.port`);
    return address === undefined || port === undefined ? address : `${address} port ${port}`;
  };
  const [client, source] = [at("client"), at("source")];
  return client === undefined ? source : `${client} by way of ${source ?? "an unknown peer"}`;
}

/** The parts of the proxy that it went through. */
function wayText(entry: TrailEntry): string | undefined {
  const steps = ["listener", "route", "pool", "upstream.endpoint"]
    .map((name) => entry.text(`es_proxy.${name}`))
    .filter((step) => step !== undefined);
  if (steps.length === 0) return undefined;
  const attempts = entry.number("es_proxy.attempts") ?? 0;
  return `${steps.join(" → ")}${attempts > 1 ? `, ${attempts} attempts` : ""}`;
}

function outcomeText(entry: TrailEntry): string | undefined {
  const outcome = entry.text("es_proxy.outcome");
  const error = entry.text("error.code");
  return error === undefined ? outcome : `${outcome ?? "failed"}, ${error}`;
}

/** How long it took, as bars under each other. */
function putTimings(page: PageText, entry: TrailEntry): void {
  const total = entry.number("event.duration");
  if (total === undefined) return;
  page.field("took", durationText(total / 1e6));
  const first = Math.min(total, entry.number("es_proxy.time_to_first_byte") ?? total);
  if (first === total) return;
  const width = page.width === Infinity ? usualWidth : page.width;
  const room = Math.max(10, width - barMargin);
  const split = Math.round((first / total) * room);
  const [before, behind] = [split, room - split];
  putBar(page, "waiting", first, "█".repeat(before) + "░".repeat(behind));
  putBar(page, "answer", total - first, "░".repeat(before) + "█".repeat(behind));
}

function putBar(page: PageText, label: string, nanoseconds: number, bar: string): void {
  const time = durationText(nanoseconds / 1e6).padStart(8);
  page.line(`  ${label.padEnd(labelWidth)}${page.style("cyan", bar)} ${time}`);
}

/** Where the records are. */
function putRecords(page: PageText, entry: TrailEntry): void {
  const isPair = entry.kind === "exchange" || entry.kind === "session";
  page.line("");
  page.field(isPair ? "first" : "record", placeText(entry.opening));
  if (isPair) page.field("last", placeText(entry.closing));
}

function placeText(record: RecordLine | undefined): string {
  if (record === undefined) return "not in the trail";
  return `${record.segment.name} at ${record.offset}, ${sizeText(record.bytes.length)}`;
}

function listText(entry: TrailEntry, path: string): string | undefined {
  const value = entry.value(path);
  return Array.isArray(value) ? value.join(",") : entry.text(path);
}
