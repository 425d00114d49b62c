/** Says on stderr what was searched when nothing was found, and why that may be. */
import { derivedBytes } from "../../audit/facts/coverage.ts";
import { CatalogError, listJournals } from "../../audit/read/catalog.ts";
import type { Segment } from "../../audit/read/segment.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { countText } from "../../core/count-text.ts";
import { recordFields } from "../../kql/record-fields.ts";
import { dateText, sizeText, timeText } from "./cell.ts";
import type { SelectedTrail } from "./selection-options.ts";

const factsPrefix = "es_proxy.facts.";

/** What was asked of a directory. */
type Asked = Pick<SelectedTrail, "directory" | "filter" | "sinceMs" | "untilMs" | "fleet">;

/**
 * One line on stderr; none of a fleet's data stream.
 *
 * @param words what is missing, such as `nothing matches`
 * @param reason where neither the time nor the filter says why
 */
export function tellNothingFound(command: string, asked: Asked, words: string, reason = ""): void {
  if (asked.fleet !== undefined) return;
  let segments: Segment[];
  try {
    segments = listJournals(asked.directory).flatMap((journal) => journal.segments);
  } catch (error) {
    // That was told before.
    if (error instanceof CatalogError) return;
    throw error;
  }
  const { sinceMs = -Infinity, untilMs = Infinity } = asked;
  const searched = segments.filter(({ firstMs, endMs }) => endMs >= sinceMs && firstMs < untilMs);
  const why = reasonOf(asked, segments, searched) || reason;
  const text = `${words} in ${placeText(searched)}${why === "" ? "" : `: ${why}`}`;
  process.stderr.write(`es-proxy ${command}: ${toOneLine(text)}\n`);
}

/**
 * One line on stderr where columns stay empty because facts are missing.
 *
 * @param columns that are known of facts only
 */
export function tellMissingFacts(
  command: string,
  { directory, fleet, sinceMs = -Infinity, untilMs = Infinity }: Asked,
  columns: readonly string[],
): void {
  if (fleet !== undefined || columns.length === 0) return;
  const segments = listJournals(directory)
    .flatMap((journal) => journal.segments)
    .filter(({ firstMs, endMs, size }) => size > 0 && endMs >= sinceMs && firstMs < untilMs);
  const missing = withoutFacts(directory, segments);
  if (missing === 0) return;
  const names = columns.join(", ");
  process.stderr.write(`es-proxy ${command}: ${names}: ${factsText(missing, segments.length)}\n`);
}

function reasonOf(
  { directory, filter }: Asked,
  segments: readonly Segment[],
  searched: readonly Segment[],
): string {
  if (segments.length === 0) return "nothing was recorded yet";
  if (searched.length === 0)
    return `the trail holds ${spanText(segments)}, which the time that was asked for is outside of`;
  const fields = [...(filter?.namedFields() ?? [])];
  const unknown = fields.find((name) => recordFields.get(name) === undefined);
  if (unknown !== undefined) return `no record has a field ${unknown}`;
  if (fields.some((name) => name.startsWith(factsPrefix))) {
    const missing = withoutFacts(directory, searched);
    if (missing > 0) return factsText(missing, searched.length);
  }
  return "";
}

function withoutFacts(directory: string, segments: readonly Segment[]): number {
  return segments.filter((segment) => derivedBytes(directory, segment) === 0).length;
}

function factsText(missing: number, all: number): string {
  const which = missing === all ? "no segment has" : `${missing} of ${all} segments have no`;
  return `${which} facts, which say that (audit.facts of the proxy, or es-proxy audit index)`;
}

function placeText(segments: readonly Segment[]): string {
  const bytes = segments.reduce((sum, { size }) => sum + size, 0);
  const place = `${countText(segments.length, "segment")} of ${sizeText(bytes)}`;
  return segments.length === 0 ? "no segment" : `${place}, ${spanText(segments)}`;
}

/** `2026-11-20 00:00:01 to 00:01:06 UTC`. */
function spanText(segments: readonly Segment[]): string {
  const firstMs = Math.min(...segments.map((segment) => segment.firstMs));
  const endMs = Math.max(...segments.map((segment) => segment.endMs));
  if (!Number.isFinite(firstMs)) return "of unknown time";
  // What is written to has no end yet.
  if (endMs === Infinity) return `${dateText(firstMs)} ${timeText(firstMs).slice(0, 8)} UTC to now`;
  const [from, to] = [dateText(firstMs), dateText(endMs)];
  const end = timeText(endMs).slice(0, 8);
  return `${from} ${timeText(firstMs).slice(0, 8)} to ${to === from ? "" : `${to} `}${end} UTC`;
}
