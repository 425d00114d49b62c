/** Codes of the shapes of answers; every range belongs to one reader. */

/** Documents. */
export const hitCode = {
  hit: 1,
  /** An option of a suggester: a document, or a text. */
  option: 2,
  index: 3,
  id: 4,
  /** `_source` and other content. */
  content: 5,
  nested: 6,
  nestedField: 7,
  /** Of a document asked for by id. */
  found: 8,
  /** The document could not be read: its error's type. */
  error: 9,
  /** An event of an EQL sequence that has to be absent. */
  missing: 10,
  /** The answer is the content of a document, and nothing else. */
  document: 11,
  /** The answer is a document, or an error. */
  single: 12,
  /** Content in which names are those of the whole document. */
  fields: 13,
  end: 19,
} as const;

/** Values without documents. */
export const valueCode = {
  aggregations: 20,
  aggregation: 21,
  bucket: 22,
  /** A value that a metric aggregation computed. */
  metric: 23,
  suggestions: 24,
  term: 25,
  vertexField: 26,
  vertexTerm: 27,
  termVectors: 28,
  termVector: 29,
  topHits: 30,
  end: 39,
} as const;

/** Items of a bulk answer. */
export const itemCode = {
  /** The first of one code for each action, in the order of `writeActions`. */
  item: 40,
  index: 45,
  id: 46,
  status: 47,
  result: 48,
  errorType: 49,
  errors: 50,
  /** `_source` of an updated document. */
  content: 51,
  end: 59,
} as const;

/** What an answer says of the whole. */
export const summaryCode = {
  took: 60,
  timedOut: 61,
  isPartial: 62,
  isRunning: 63,
  total: 64,
  relation: 65,
  shardsTotal: 66,
  shardsSuccessful: 67,
  shardsSkipped: 68,
  shardsFailed: 69,
  /** One answer of a multi search. */
  search: 70,
  task: 71,
  /** The first of one code for each kind of cursor, in the order of `cursorKinds`. */
  cursor: 72,
  /** The first of one code for each place of an error, in the order of `errorPlaces`. */
  error: 82,
  /** The first of one code for each total of a by-query answer, in the order of `byQueryTotals`. */
  byQuery: 90,
  end: 99,
} as const;

/** Rows of ES|QL and SQL. */
export const rowCode = {
  column: 100,
  cells: 101,
  /** A row that is an object: a preview. */
  object: 102,
} as const;
