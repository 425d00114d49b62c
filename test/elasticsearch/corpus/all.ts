import { aggregations } from "./aggregations.ts";
import { brokenJson } from "./broken-json.ts";
import { bulk } from "./bulk.ts";
import { cluster, wire } from "./cluster.ts";
import type { CorpusGroup } from "./corpus.ts";
import { cursors } from "./cursors.ts";
import { documents, updates } from "./documents.ts";
import { indexRelatives, indices } from "./indices.ts";
import { olderRequestFiles, requestFiles, securedRequestFiles } from "./request-files.ts";
import { queries, searchOptions, searchRelatives } from "./search.ts";

/** Every group of the golden corpus. */
export const corpus: readonly CorpusGroup[] = [
  documents,
  updates,
  bulk,
  brokenJson,
  queries,
  searchOptions,
  searchRelatives,
  aggregations,
  cursors,
  indices,
  indexRelatives,
  cluster,
  wire,
  ...requestFiles,
];

/** The groups for a server that knows its users, the superuser being {@link superuser}. */
export const securedCorpus: readonly CorpusGroup[] = securedRequestFiles;

/** The groups for a server of version 7.10 with its modules. */
export const olderCorpus: readonly CorpusGroup[] = olderRequestFiles;

/** Name and password, as the requests of {@link securedCorpus} have them. */
export const superuser = { name: "elastic", password: "changeme" };

/** `Authorization` of {@link superuser}. */
export const superuserAuthorization = `Basic ${Buffer.from(
  `${superuser.name}:${superuser.password}`,
).toString("base64")}`;
