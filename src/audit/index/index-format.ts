/** The form of an index: one SQLite file beside a full segment. */
import { documentsEnding, factsEnding } from "../facts/facts-files.ts";

/** What is added to the stem of a segment's facts. */
export const indexEnding = ".index";

/** While it is built; a process that is killed then leaves it. */
export const unfinishedIndexEnding = `${indexEnding}.new`;

/** Endings of all files that are derived of a segment, in the order in which they may go. */
export const derivedEndings: readonly string[] = [
  unfinishedIndexEnding,
  indexEnding,
  factsEnding,
  documentsEnding,
];

/** An index of another version is not read. Raise it when a table means something else. */
export const indexVersion = 5;

/**
 * `entries` has each exchange, session and single record, by the number of its last record in the
 * segment; those without one follow. They stand in blocks of `entry-blocks.ts`, by the number of
 * the first one. `ids`, `documents` and `reads` have blocks of `keyed-numbers.ts`, by their first
 * key: the numbers by keys of ids and of documents (`index-keys.ts`), and of reads
 * (`read-keys.ts`). `continued` has the keys of searches that calls of the segment go on with, in
 * such blocks.
 * `terms` finds numbers by the values of fields: one number where it stands alone, and else bytes
 * of `number-list.ts`. Blocks and terms have checksums (`checksums.ts`), and so have the names, in
 * `meta`. `overview` has one row, see `segment-overview.ts`. INTEGER, because
 * node:sqlite binds numbers as doubles.
 */
export const indexTables = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE entries (first INTEGER PRIMARY KEY, content BLOB);
CREATE TABLE ids (first INTEGER PRIMARY KEY, content BLOB);
CREATE TABLE documents (first INTEGER PRIMARY KEY, content BLOB);
CREATE TABLE reads (first INTEGER PRIMARY KEY, content BLOB);
CREATE TABLE continued (first INTEGER PRIMARY KEY, content BLOB);
CREATE TABLE names (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE overview (content TEXT);
CREATE TABLE terms (
  field TEXT, value, numbers INTEGER, sum INTEGER, PRIMARY KEY (field, value)
) WITHOUT ROWID;
`;

/** Fields whose values are indexed, by their names in filters. */
export const indexedFields: readonly string[] = [
  "user.name",
  "user.id",
  "user.effective.name",
  "event.action",
  "elasticsearch.audit.indices",
  "es_proxy.indices",
  "es_proxy.facts.indices",
  "es_proxy.facts.fingerprint",
  "http.response.status_code",
  "es_proxy.record",
  "es_proxy.outcome",
  "event.outcome",
  "client.ip",
  "client.address",
  "source.ip",
  "source.address",
];

/**
 * Under this name of a field stand the entries of which one record lies in another segment, so that
 * not all of their values are known here.
 */
export const halvesField = "";
