/** Collects the facts of an answer as a whole: times, shards, totals, cursors, errors. */
import type { CountingValues } from "../counting-values.ts";
import { cursorKinds, type CursorDigest, type CursorFact } from "../cursor-digest.ts";
import type { JsonScanner } from "../json-scanner.ts";
import { jsonKind, type JsonKind } from "../json-visitor.ts";
import { byQueryTotals, errorPlaces } from "./answer-shapes.ts";
import type { ErrorCounts } from "./error-counts.ts";
import { summaryCode as code } from "./response-codes.ts";
import type { ByQueryFacts, ResponseFacts } from "./response-facts.ts";

const maxCursors = 100;
const maxTextLength = 200;

/** The facts that {@link AnswerSummary} collects. */
export type SummaryFacts = Pick<
  ResponseFacts,
  | "took"
  | "timedOut"
  | "isPartial"
  | "isRunning"
  | "shards"
  | "hits"
  | "searches"
  | "byQuery"
  | "task"
  | "cursors"
>;

/** Collects what an answer says of the whole: times, shards, totals, cursors, errors. */
export class AnswerSummary {
  readonly #scanner: JsonScanner;
  readonly #errors: ErrorCounts;
  readonly #digest: CursorDigest;
  readonly #counting: CountingValues | undefined;
  #took: number | undefined = undefined;
  #timedOut = false;
  #isPartial: boolean | undefined = undefined;
  #isRunning: boolean | undefined = undefined;
  #total: number | undefined = undefined;
  #relation: string | undefined = undefined;
  readonly #shards = { total: 0, successful: 0, skipped: 0, failed: 0 };
  #hasShards = false;
  #searches = 0;
  #failedSearches = 0;
  #hasFailed = false;
  #byQuery: number[] | undefined = undefined;
  #task: string | undefined = undefined;
  readonly #cursors: CursorFact[] = [];

  constructor(
    scanner: JsonScanner,
    errors: ErrorCounts,
    digest: CursorDigest,
    counting: CountingValues | undefined,
  ) {
    this.#counting = counting;
    this.#scanner = scanner;
    this.#errors = errors;
    this.#digest = digest;
  }

  enter(entered: number): void {
    if (entered !== code.search) return;
    this.#searches += 1;
    this.#hasFailed = false;
  }

  value(found: number, kind: JsonKind): void {
    if (found >= code.byQuery) this.#countByQuery(found - code.byQuery);
    else if (found >= code.error) this.#addError(found - code.error);
    else if (found >= code.cursor) this.#addCursor(found - code.cursor, kind);
    else this.#say(found, kind);
  }

  facts(): SummaryFacts {
    return {
      took: this.#took,
      timedOut: this.#timedOut,
      isPartial: this.#isPartial,
      isRunning: this.#isRunning,
      shards: this.#hasShards ? this.#shards : undefined,
      hits:
        this.#total === undefined ? undefined : { total: this.#total, relation: this.#relation },
      searches:
        this.#searches === 0 ? undefined : { count: this.#searches, failed: this.#failedSearches },
      byQuery: this.#byQuery === undefined ? undefined : byQueryFacts(this.#byQuery),
      task: this.#task,
      cursors: this.#cursors,
    };
  }

  #say(found: number, kind: JsonKind): void {
    const isTrue = kind === jsonKind.true;
    switch (found) {
      case code.took:
        if (this.#took === undefined) this.#tell(this.#scanner);
        break;
      case code.timedOut:
        this.#timedOut ||= isTrue;
        break;
      case code.isPartial:
        this.#isPartial = isTrue;
        break;
      case code.isRunning:
        this.#isRunning = isTrue;
        break;
      case code.total:
        this.#total ??= this.#scanner.number();
        break;
      case code.relation:
        this.#relation ??= this.#scanner.text().slice(0, maxTextLength);
        break;
      case code.task:
        this.#task = this.#scanner.text().slice(0, maxTextLength);
        break;
      default:
        this.#addShards(found, this.#scanner.number() ?? 0);
    }
  }

  #tell(scanner: JsonScanner): void {
    this.#took = scanner.number();
    const isNumber = scanner.kind === jsonKind.number && this.#took !== undefined;
    if (this.#counting !== undefined && isNumber) this.#counting.tookAt = scanner.valueStart;
  }

  #addShards(found: number, count: number): void {
    if (found === code.shardsTotal) this.#shards.total += count;
    else if (found === code.shardsSuccessful) this.#shards.successful += count;
    else if (found === code.shardsSkipped) this.#shards.skipped += count;
    else if (found === code.shardsFailed) this.#shards.failed += count;
    // Something else in the place of a search.
    else return;
    this.#hasShards = true;
  }

  #countByQuery(total: number): void {
    this.#byQuery ??= byQueryTotals.map(() => 0);
    this.#byQuery[total] = this.#scanner.number() ?? 0;
  }

  #addError(place: number): void {
    const where = errorPlaces[place] ?? "request";
    this.#errors.add(where);
    if (where !== "search" || this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failedSearches += 1;
  }

  #addCursor(kind: number, scalar: JsonKind): void {
    const name = cursorKinds[kind];
    if (name === undefined || scalar !== jsonKind.string) return;
    if (this.#cursors.length < maxCursors)
      this.#cursors.push({ kind: name, digest: this.#digest.of(this.#scanner.text()) });
  }
}

function byQueryFacts(totals: readonly number[]): ByQueryFacts {
  const [total = 0, created = 0, updated = 0, deleted = 0, noops = 0, conflicts = 0] = totals;
  return { total, created, updated, deleted, noops, version_conflicts: conflicts };
}
