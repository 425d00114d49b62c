/**
 * What the engine needs to know of a stored document. Implementations must never change an
 * instance: analysed text is remembered per instance, so a new version of a document has to be a
 * new object.
 */
export interface SearchDocument {
  readonly index: string;
  readonly id: string;
  /** The parsed `_source`: a JSON object, never changed in place. */
  readonly source: unknown;
  readonly seqNo: number;
  readonly version: number;
  readonly primaryTerm: number;
}

/**
 * Answers for the mapping of the searched indices. A search over several indices sees one merged
 * answer.
 */
export interface FieldMappings {
  /**
   * Mapping type of a field by its full dotted name, multi-fields included (`title.keyword`);
   * `object` or `nested` for inner objects; `undefined` for a field that no mapping knows, which
   * then matches nothing.
   */
  typeOf(field: string): string | undefined;
  /**
   * Full names of all mapped fields, multi-fields included, for field patterns. Absent: taken from
   * the documents.
   */
  fieldNames?(): Iterable<string>;
  /**
   * `format` of a date field. Absent: `strict_date_optional_time||epoch_millis`, Elasticsearch's
   * default.
   */
  formatOf?(field: string): string | undefined;
  /**
   * `ignore_above` of a keyword field, in characters; longer values are not found by it. Absent: no
   * limit.
   */
  ignoreAboveOf?(field: string): number | undefined;
}

/** Facts about one search that its queries, sorts and aggregations share. */
export interface SearchContext {
  readonly mappings: FieldMappings;
  /** Name put into error texts that mention an index. */
  readonly index: string;
  /**
   * The instant that `now` means, in milliseconds since the epoch; one value for a whole search.
   */
  readonly nowMs: number;
  /**
   * All documents of the searched indices: what term statistics and field patterns are taken from.
   */
  readonly corpus: Iterable<SearchDocument> | undefined;
  /**
   * True when scores are needed; otherwise, or without a corpus, a term scores its boost and no
   * statistics are taken.
   */
  readonly isScored: boolean;
  /** Path of the nested objects that are being searched; `undefined` at the top level. */
  readonly nestedPath: string | undefined;
}
