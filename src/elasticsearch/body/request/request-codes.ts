/** Codes of the shapes of requests; every range belongs to one purpose. */
export const code = {
  /** An object of a query, in which `index` and `id` may name a document. */
  query: 1,
  /** The first of one code for each kind of lookup, in the order of `lookupKinds`. */
  lookup: 2,
  lookupIndex: 10,
  lookupId: 11,
  targetIndex: 12,
  /** A query in Base64. */
  wrapped: 13,
  /** A search as a template, which is text. */
  template: 14,

  aggregations: 20,
  aggregation: 21,
  aggregationField: 22,
  scriptFields: 23,
  runtimeFields: 24,
  suggestions: 25,
  suggestionField: 26,
  /** Field of which terms are listed. */
  termField: 27,

  size: 30,
  from: 31,
  searchAfter: 32,
  columnar: 33,

  document: 40,
  documentIndex: 41,
  documentId: 42,
  /** An id of a document of the path's index. */
  ownDocument: 43,

  esql: 50,
  sql: 51,
  eql: 52,

  /** A processor that may set `_index`. */
  setProcessor: 60,
  setField: 61,
  setValue: 62,

  /** The first of one code for each kind of cursor, in the order of `cursorKinds`. */
  cursor: 70,
  /** The first of one code for each kind and use of a name: see `named`. */
  name: 100,
} as const;
