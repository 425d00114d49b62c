/** Fingerprints of request bodies, read in pieces. */
import type { Buffer } from "node:buffer";

import type { CountingValues } from "../body/counting-values.ts";
import { JsonScanner } from "../body/json-scanner.ts";
import { maxQueryLength } from "../esql/query-token.ts";
import { DslForm } from "./dsl-form.ts";
import { languageShape, requestShape } from "./dsl-shapes.ts";
import { eqlForm } from "./eql-fingerprint.ts";
import { esqlForm } from "./esql-fingerprint.ts";
import { type Fingerprint, fingerprintOf, type QueryLanguage } from "./fingerprint.ts";
import { sqlForm } from "./sql-fingerprint.ts";

/** Names are short; of a longer one this much is compared. */
export const maxNameBytes = 1024;

/**
 * Makes the fingerprint of one JSON body after the other.
 *
 * A body in the query DSL is read whole; of an ES|QL, SQL or EQL request the members `query` and
 * `filter`. `from`, `search_after` and `after` of composite aggregations are left out, so that the
 * pages of one query have one fingerprint. Memory: some megabytes at most, whatever the body.
 */
export class BodyFingerprinter {
  readonly #language: QueryLanguage;
  readonly #form: DslForm;
  readonly #scanner: JsonScanner;

  /** @param counting takes which values of the body count */
  constructor(language: QueryLanguage, counting?: CountingValues) {
    this.#language = language;
    const isDsl = language === "dsl";
    this.#form = new DslForm(
      isDsl ? requestShape : languageShape,
      () => this.#scanner,
      isDsl ? JSON.stringify : (text) => text,
    );
    this.#scanner = new JsonScanner(this.#form, isDsl ? maxNameBytes : 4 * maxQueryLength);
    this.#scanner.countInto(counting);
  }

  /** Makes ready for another body. */
  reset(): void {
    this.#form.reset();
    this.#scanner.reset();
  }

  write(piece: Buffer, start = 0, end = piece.length): void {
    this.#scanner.write(piece, start, end);
  }

  /**
   * The fingerprint of what was written since `reset`.
   *
   * @returns undefined when it is no JSON, has no query in the language, or is too large
   */
  finish(): Fingerprint | undefined {
    this.#scanner.finish();
    const { form, members } = this.#form;
    if (this.#scanner.fault !== undefined || this.#scanner.hasMore) return undefined;
    if (this.#language === "dsl") {
      // A search without a body is one for everything.
      const whole = this.#scanner.isBlank ? "{}" : form;
      return whole === undefined ? undefined : fingerprintOf("dsl", whole);
    }
    const query = members.get("query");
    if (form === undefined || query === undefined) return undefined;
    const filter = members.get("filter");
    const text = textForms[this.#language](query);
    return fingerprintOf(this.#language, filter === undefined ? text : `${text} filter ${filter}`);
  }
}

/** The fingerprint of a query in ES|QL, SQL or EQL without a body around it. */
export function fingerprintText(language: "esql" | "sql" | "eql", query: string): Fingerprint {
  return fingerprintOf(language, textForms[language](query));
}

const textForms = { esql: esqlForm, sql: sqlForm, eql: eqlForm };
