/** Writing single documents. */
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { parseSourceText } from "../json/exact-numbers.ts";
import { jsonProblemCause } from "../json/json-body.ts";
import { findJsonProblem, type JsonProblem } from "../json/json-problem.ts";
import { findRepeatedName } from "../json/repeated-names.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import type { Cluster } from "./cluster.ts";
import { checkTimestamp } from "./data-streams.ts";
import { mapDocument } from "./document-mapping.ts";
import { documentParsingOf } from "./document-problem.ts";
import { checkBlocks } from "./block-checks.ts";
import type { IndexState } from "./index-state.ts";
import type { StoredDocument } from "./stored-document.ts";

/** How versions are compared: by the store itself, or by numbers that the client brings. */
export type VersionType = "internal" | "external" | "external_gte";

/** The conditions under which a write happens; all of them optional. */
export interface WriteConditions {
  readonly routing?: string | undefined;
  readonly version?: number | undefined;
  readonly versionType?: VersionType | undefined;
  readonly ifSeqNo?: number | undefined;
  readonly ifPrimaryTerm?: number | undefined;
  /** Names of the dynamic templates for new fields, by their full names. */
  readonly dynamicTemplates?: Readonly<Record<string, string>> | undefined;
}

/** What a write did. */
export interface WriteOutcome {
  readonly index: IndexState;
  readonly id: string;
  readonly version: number;
  readonly seqNo: number;
  readonly result: "created" | "updated" | "deleted" | "not_found" | "noop";
}

/**
 * Stores one document. `id` undefined: one is made, and the document is new by definition.
 *
 * @throws {EsError} 400 for a bad id, source or mapping, 409 for a conflict
 */
export function indexDocument(
  cluster: Cluster,
  index: IndexState,
  given: string | undefined,
  text: string,
  mustBeNew: boolean,
  conditions: WriteConditions,
): WriteOutcome {
  if (index.settings.blocks.length > 0) checkBlocks([index], "write");
  const id = given ?? cluster.identifiers.documentId();
  const { routing } = conditions;
  const earlier = given === undefined ? undefined : index.find(id, routing);
  if (given !== undefined) checkId(given);
  checkRouting(index, id, routing);
  // The server reads the document, which may bring new fields, before it looks for an earlier one.
  const source = parseSource(cluster, text);
  if (index.dataStream !== undefined) checkTimestamp(text, source["@timestamp"]);
  const { access } = cluster;
  const ignored = mapDocument(index.mappings, {
    id,
    text,
    source,
    write: index.nextWrite,
    templates: conditions.dynamicTemplates,
    routing,
    onNewFields: access && (() => access.checkNewFields(index)),
  });
  const problem =
    mustBeNew && earlier !== undefined
      ? alreadyExists(index, earlier)
      : conflictOf(index, id, conditions);
  if (problem !== undefined) {
    index.counts.failed++;
    throw problem;
  }
  const external =
    conditions.versionType === "external" || conditions.versionType === "external_gte";
  const version = external ? conditions.version : undefined;
  const stored = index.put({ id, text, routing, ignored, version });
  return {
    index,
    id,
    version: stored.version,
    seqNo: stored.seqNo,
    result: earlier === undefined ? "created" : "updated",
  };
}

/**
 * Deletes one document; that it was not there is an outcome, not an error.
 *
 * @throws {EsError} 409 for a conflict
 */
export function deleteDocument(
  index: IndexState,
  id: string,
  conditions: WriteConditions,
): WriteOutcome {
  if (index.settings.blocks.length > 0) checkBlocks([index], "write");
  checkId(id);
  checkRouting(index, id, conditions.routing);
  const problem = conflictOf(index, id, conditions);
  if (problem !== undefined) throw problem;
  const external =
    conditions.versionType === "external" || conditions.versionType === "external_gte";
  const version = external ? conditions.version : undefined;
  const removed = index.remove(id, conditions.routing, version);
  return {
    index,
    id,
    version: removed.version,
    seqNo: removed.seqNo,
    result: removed.existed ? "deleted" : "not_found",
  };
}

/** @throws {EsError} 400 for an id that no document can have */
export function checkId(id: string): void {
  if (id === "") throw illegalArgument("if _id is specified it must not be empty");
  if (id.length > 128) {
    const bytes = Buffer.byteLength(id);
    if (bytes > 512) {
      throw validationFailed(
        `id [${id}] is too long, must be no longer than 512 bytes but was: ${bytes}`,
      );
    }
  }
}

/** @throws {EsError} 400 when the mapping wants routing and none is there */
export function checkRouting(index: IndexState, id: string, routing: string | undefined): void {
  if (routing !== undefined || !index.mappings.isRoutingRequired) return;
  throw new EsError(
    400,
    "routing_missing_exception",
    `routing is required for [${index.name}]/[${id}]`,
    {
      index_uuid: "_na_",
      index: index.name,
    },
  );
}

function conflictOf(
  index: IndexState,
  id: string,
  conditions: WriteConditions,
): EsError | undefined {
  const { ifSeqNo, ifPrimaryTerm, version, versionType, routing } = conditions;
  if (ifSeqNo !== undefined) {
    const current = index.find(id, routing);
    const required = `required seqNo [${ifSeqNo}], primary term [${ifPrimaryTerm ?? 0}]`;
    if (current === undefined)
      return conflict(index, id, routing, `${required}. but no document was found`);
    if (current.seqNo !== ifSeqNo || current.primaryTerm !== ifPrimaryTerm) {
      return conflict(
        index,
        id,
        routing,
        `${required}. current document has seqNo [${current.seqNo}] and primary term [${current.primaryTerm}]`,
      );
    }
  }
  if (version !== undefined && versionType !== undefined && versionType !== "internal") {
    const current = index.nextVersion(id, routing) - 1;
    if (current === 0) return undefined;
    if (versionType === "external" && current >= version) {
      return conflict(
        index,
        id,
        routing,
        `current version [${current}] is higher or equal to the one provided [${version}]`,
      );
    }
    if (current > version) {
      return conflict(
        index,
        id,
        routing,
        `current version [${current}] is higher than the one provided [${version}]`,
      );
    }
  }
  return undefined;
}

/** `version_conflict_engine_exception`, status 409. */
export function conflict(
  index: IndexState,
  id: string,
  routing: string | undefined,
  reason: string,
): EsError {
  return new EsError(
    409,
    "version_conflict_engine_exception",
    `[${id}]: version conflict, ${reason}`,
    {
      index_uuid: index.uuid,
      shard: String(index.shardNumber(id, routing)),
      index: index.name,
    },
  );
}

function alreadyExists(index: IndexState, { id, routing, version }: StoredDocument): EsError {
  return conflict(index, id, routing, `document already exists (current version [${version}])`);
}

function parseSource(cluster: Cluster, text: string): JsonObject {
  let source: unknown;
  try {
    source = parseSourceText(text);
  } catch {
    const problem = findJsonProblem(text);
    if (cluster.profile.name === "seed") {
      throw new EsError(
        400,
        "parse_exception",
        `request body is not valid JSON: ${problem.message}`,
      );
    }
    throw brokenDocument(problem);
  }
  const repeated = findRepeatedName(text, source);
  if (repeated !== undefined) throw brokenDocument(repeated);
  if (isObject(source)) return source;
  throw new EsError(
    400,
    "document_parsing_exception",
    "Malformed content, must start with an object",
  );
}

function brokenDocument(problem: JsonProblem): EsError {
  if (problem.extraToken !== undefined) {
    return illegalArgument(
      `Malformed content, found extra data after parsing: ${problem.extraToken}`,
    );
  }
  const cause = jsonProblemCause(problem);
  const what = problem.isTrailing ? cause.reason : `failed to parse: ${cause.reason}`;
  return documentParsingOf(problem.tokenLine, problem.tokenColumn, what, { caused_by: cause });
}

/** Checks the combination of conditions as the server does before it looks at the document. */
export function validateConditions(
  opType: "index" | "create" | "delete",
  conditions: WriteConditions,
  hasId = true,
): void {
  const { ifSeqNo, ifPrimaryTerm, version, versionType = "internal" } = conditions;
  const isComparing = ifSeqNo !== undefined || (ifPrimaryTerm ?? 0) !== 0;
  if (opType === "create") {
    if (versionType !== "internal")
      throw validationFailed(
        "create operations only support internal versioning. use index instead",
      );
    if (version !== undefined)
      throw validationFailed(
        "create operations do not support explicit versions. use index instead",
      );
    if (isComparing)
      throw validationFailed("create operations do not support compare and set. use index instead");
  }
  const problems: string[] = [];
  const isExternal = versionType !== "internal";
  if (!hasId && (isExternal || version !== undefined))
    problems.push("an id must be provided if version type or value are set");
  // A version that is not given is shown as the number that stands for any.
  if (isExternal ? (version ?? -3) < 0 : version !== undefined && version <= 0) {
    problems.push(
      `illegal version value [${version ?? -3}] for version type [${versionType.toUpperCase()}]`,
    );
  }
  if (version !== undefined && !isExternal) {
    problems.push(
      "internal versioning can not be used for optimistic concurrency control. Please use " +
        "`if_seq_no` and `if_primary_term` instead",
    );
  }
  if (ifSeqNo !== undefined && (version !== undefined || isExternal))
    problems.push("compare and write operations can not use versioning");
  if (ifSeqNo !== undefined && (ifPrimaryTerm ?? 0) === 0)
    problems.push("ifSeqNo is set, but primary term is [0]");
  if (ifSeqNo === undefined && (ifPrimaryTerm ?? 0) !== 0) {
    problems.push(`ifSeqNo is unassigned, but primary term is [${ifPrimaryTerm ?? 0}]`);
  }
  if (problems.length > 0) throw validationFailed(...problems);
}
