/** Which calls have a fingerprint, and how their bodies are read. */
import { Buffer } from "node:buffer";

import type { ApiMatch } from "../api/api-endpoint.ts";
import type { BodyReader } from "../body/body-reader.ts";
import type { CountingValues } from "../body/counting-values.ts";
import type { ExaminationReason } from "../body/examination.ts";
import { queryParameter } from "../api/query-parameter.ts";
import { BodyFingerprinter } from "./body-fingerprint.ts";
import { type Fingerprint, fingerprintOf, type QueryLanguage } from "./fingerprint.ts";
import { MultiSearchFingerprinter } from "./multi-search-fingerprint.ts";

/**
 * Reads the body of a request for its fingerprint.
 *
 * @param counting takes which values of the body count, where it is one JSON value
 * @returns undefined for calls that hold no query
 */
export function requestFingerprint(
  match: ApiMatch,
  counting?: CountingValues,
): BodyReader<Fingerprint | undefined> | undefined {
  const { name } = match.endpoint;
  if (multiSearches.has(name)) return new WholeBody(new MultiSearchFingerprinter(), undefined);
  const language = languages.get(name);
  if (language === undefined) return undefined;
  return new WholeBody(new BodyFingerprinter(language, counting), match.query);
}

interface Fingerprinter {
  write(piece: Buffer, start: number, end: number): void;
  finish(): Fingerprint | undefined;
}

/** A body that was not read to its end has no fingerprint: it could be another query's. */
class WholeBody implements BodyReader<Fingerprint | undefined> {
  readonly #fingerprinter: Fingerprinter;
  readonly #query: string | undefined;
  #isEmpty = true;

  constructor(fingerprinter: Fingerprinter, query: string | undefined) {
    this.#fingerprinter = fingerprinter;
    this.#query = query;
  }

  write(piece: Buffer, start: number, end: number): void {
    if (end > start) this.#isEmpty = false;
    this.#fingerprinter.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): Fingerprint | undefined {
    if (reason !== undefined) return undefined;
    const source = this.#isEmpty ? queryParameter(this.#query, "source") : undefined;
    if (source !== undefined) {
      const bytes = Buffer.from(source);
      this.#fingerprinter.write(bytes, 0, bytes.length);
    }
    const fingerprint = this.#fingerprinter.finish();
    if (fingerprint === undefined || !hasQueryString(this.#query)) return fingerprint;
    // `?q=` is a query of its own beside the body.
    return fingerprintOf(fingerprint.language, `${fingerprint.text} q ?`, `${fingerprint.hash} q`);
  }
}

function hasQueryString(query: string | undefined): boolean {
  return queryParameter(query, "q") !== undefined;
}

const multiSearches: ReadonlySet<string> = new Set([
  "msearch",
  "msearch_template",
  "fleet.msearch",
]);

const languages: ReadonlyMap<string, QueryLanguage> = new Map([
  ...names(
    "dsl",
    "search search_template async_search.submit count explain indices.validate_query reindex",
    "delete_by_query update_by_query field_caps terms_enum graph.explore knn_search search_mvt",
    "fleet.search search_application.search rollup.rollup_search",
  ),
  ...names("esql", "esql.query esql.async_query esql.put_view"),
  ...names("sql", "sql.query sql.translate"),
  ...names("eql", "eql.search"),
]);

function names(language: QueryLanguage, ...lists: string[]): [string, QueryLanguage][] {
  return lists.flatMap((list) => list.split(" ")).map((name) => [name, language]);
}
