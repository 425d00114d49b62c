/** A filter in Kibana's query language, compiled for everything that asks records. */
import { bindKql } from "./binder.ts";
import { fieldsOf, namedFieldsOf } from "./condition-fields.ts";
import { exclusionsOf } from "./exclusion.ts";
import type { FieldTable } from "./field-table.ts";
import type { KqlWarning } from "./kql-error.ts";
import type { Needle } from "./needle.ts";
import { parseKql } from "./parser.ts";
import { predicateOf, type Predicate } from "./predicate.ts";
import { prefilterOf, type LineForm, type Requirement } from "./prefilter.ts";
import { queryOf, type QueryClause } from "./query-dsl.ts";
import { recordFields } from "./record-fields.ts";
import { possibleRecords, type TermSource } from "./term-bounds.ts";
import { wideQueryOf, type DocumentForm } from "./wide-query.ts";
import { timeBoundsOf, type TimeBounds } from "./time-bounds.ts";

/** A compiled filter. */
export interface Filter {
  readonly text: string;
  /** Whether a record, or the records of an exchange together, match. */
  readonly matches: Predicate;
  /** What `@timestamp` of a match lies within; of an exchange that of one of its records does. */
  readonly timeBounds: TimeBounds;
  /** What is probably not meant so; to be shown. */
  readonly warnings: readonly KqlWarning[];
  /** Bytes that lines of this form must have; see `prefilterOf`. */
  prefilter(form: LineForm): readonly Requirement[];
  /** Names of the fields that it looks at. */
  fields(): ReadonlySet<string>;
  /** The same without those that only a free text looks at. */
  namedFields(): ReadonlySet<string>;
  /** Bytes that lines of this form must not have; see `exclusionsOf`. */
  exclusions(form: LineForm): readonly Needle[];
  /** Which records of an index may match; see `possibleRecords`. */
  possible(source: TermSource): number[];
  /** The same filter for Elasticsearch. */
  query(): QueryClause;
  /** A query for documents that are made of records; see `wideQueryOf`. */
  wideQuery(form: DocumentForm): QueryClause;
}

/** How a filter is compiled. */
export interface FilterOptions {
  /** What `now` means, in milliseconds since the epoch. */
  readonly nowMs: number;
  /** The fields that may be named. @default those of audit records */
  readonly fields?: FieldTable;
}

/**
 * Compiles a filter.
 *
 * @throws {KqlError} with the place of what is wrong, and nothing else
 */
export function compileFilter(text: string, options: FilterOptions): Filter {
  const { nowMs, fields = recordFields } = options;
  const { condition, warnings } = bindKql(text, parseKql(text), fields, nowMs);
  return {
    text,
    matches: predicateOf(condition),
    timeBounds: timeBoundsOf(condition),
    warnings,
    prefilter: (form) => prefilterOf(condition, form),
    fields: () => fieldsOf(condition),
    namedFields: () => namedFieldsOf(condition),
    exclusions: (form) => exclusionsOf(condition, form),
    possible: (source) => possibleRecords(condition, source),
    query: () => queryOf(condition),
    wideQuery: (form) => wideQueryOf(condition, form),
  };
}
