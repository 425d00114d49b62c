import { EsError, illegalArgument } from "../es-error.ts";
import { isExactNumber, parseExactJson } from "../json/exact-numbers.ts";
import { isJsonObject, type JsonObject, parseJson } from "../json/json-body.ts";
import type { Cluster } from "./cluster.ts";
import {
  conflict,
  indexDocument,
  type WriteConditions,
  type WriteOutcome,
} from "./document-write.ts";
import type { IndexState } from "./index-state.ts";
import type { StoredDocument } from "./stored-document.ts";

/**
 * Conditions of an update. Nothing runs at the same time here, so there is never a conflict to
 * retry.
 */
export interface UpdateConditions extends WriteConditions {
  readonly retryOnConflict?: number | undefined;
}

/** What an update did, with the document as it is afterwards. */
export interface UpdateOutcome extends WriteOutcome {
  readonly document: StoredDocument;
}

const members: ReadonlySet<string> = new Set([
  "doc",
  "upsert",
  "doc_as_upsert",
  "detect_noop",
  "script",
  "scripted_upsert",
  "_source",
  "if_seq_no",
  "if_primary_term",
]);

/**
 * Merges a partial document into a stored one, or stores the `upsert`.
 *
 * @throws {EsError} 404 `document_missing_exception`, 409 for a conflict, 400 for a body it cannot
 *   be, scripts among them
 */
export function updateDocument(
  cluster: Cluster,
  index: IndexState,
  id: string,
  body: string,
  conditions: UpdateConditions,
): UpdateOutcome {
  if (id === "") throw illegalArgument("if _id is specified it must not be empty");
  const request = parseUpdate(body);
  const { doc, upsert } = request;
  const current = index.find(id);
  if (current === undefined) {
    const first = upsert ?? (request["doc_as_upsert"] === true ? doc : undefined);
    if (!isJsonObject(first)) throw missing(index, id);
    return store(cluster, index, id, JSON.stringify(first), { routing: conditions.routing });
  }
  checkSequence(index, current, conditions);
  if (!isJsonObject(doc)) throw validation("script or doc is missing");
  const merged: Record<string, unknown> = { ...toObject(parseExactJson(current.text)) };
  const isChanged = mergeInto(merged, doc);
  if (!isChanged && request["detect_noop"] !== false) {
    return {
      index,
      id,
      version: current.version,
      seqNo: current.seqNo,
      result: "noop",
      document: current,
    };
  }
  return store(cluster, index, id, JSON.stringify(merged), {
    routing: conditions.routing ?? current.routing,
  });
}

/**
 * Reads the body of an update, or the source line of one in a bulk request.
 *
 * @throws {EsError} 400 for what is no update
 */
export function parseUpdate(body: string): JsonObject {
  parseJson(body);
  const request = parseExactJson(body);
  if (!isJsonObject(request)) {
    throw new EsError(
      400,
      "x_content_parse_exception",
      "[1:1] [UpdateRequest] Expected START_OBJECT but was: START_ARRAY",
    );
  }
  for (const name of Object.keys(request)) {
    if (!members.has(name)) {
      throw new EsError(
        400,
        "x_content_parse_exception",
        `[1:${body.indexOf(`"${name}"`) + 1}] [UpdateRequest] unknown field [${name}]`,
      );
    }
  }
  if (request["script"] !== undefined)
    throw illegalArgument("scripts are not supported by mock-es");
  if (request["doc"] === undefined) throw validation("script or doc is missing");
  return request;
}

function validation(problem: string): EsError {
  return new EsError(
    400,
    "action_request_validation_exception",
    `Validation Failed: 1: ${problem};`,
  );
}

function missing(index: IndexState, id: string): EsError {
  return new EsError(404, "document_missing_exception", `[${id}]: document missing`, {
    index_uuid: index.uuid,
    shard: "0",
    index: index.name,
  });
}

function checkSequence(
  index: IndexState,
  current: StoredDocument,
  conditions: UpdateConditions,
): void {
  const { ifSeqNo, ifPrimaryTerm } = conditions;
  if (ifSeqNo === undefined || (current.seqNo === ifSeqNo && current.primaryTerm === ifPrimaryTerm))
    return;
  throw conflict(
    index,
    current.id,
    `required seqNo [${ifSeqNo}], primary term [${ifPrimaryTerm ?? 0}]. current document has seqNo [${current.seqNo}] and primary term [${current.primaryTerm}]`,
  );
}

function store(
  cluster: Cluster,
  index: IndexState,
  id: string,
  text: string,
  conditions: WriteConditions,
): UpdateOutcome {
  const outcome = indexDocument(cluster, index, id, text, false, conditions);
  const document = index.find(id);
  if (document === undefined) throw new Error("a document that was just stored is missing");
  return { ...outcome, document };
}

/**
 * Merges `changes` into `target`, objects member by member, everything else by replacement; true
 * when anything changed.
 */
function mergeInto(target: Record<string, unknown>, changes: JsonObject): boolean {
  let isChanged = false;
  for (const [name, value] of Object.entries(changes)) {
    const old = target[name];
    if (isMergeable(old) && isMergeable(value)) {
      const inner: Record<string, unknown> = { ...old };
      if (mergeInto(inner, value)) {
        target[name] = inner;
        isChanged = true;
      }
    } else if (!Object.hasOwn(target, name) || JSON.stringify(old) !== JSON.stringify(value)) {
      target[name] = value;
      isChanged = true;
    }
  }
  return isChanged;
}

function isMergeable(value: unknown): value is JsonObject {
  return isJsonObject(value) && !isExactNumber(value);
}

function toObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
