/** Updates: a partial document merged into a stored one. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import { parseSourceText } from "../json/exact-numbers.ts";
import { asJavaJson } from "../json/java-json.ts";
import { parseJson } from "../json/json-body.ts";
import { inHashOrder } from "../text/hash-order.ts";
import { didYouMean } from "../text/likeness.ts";
import { isObject, type JsonObject, jsonText } from "../json/json-value.ts";
import { readScript } from "../script/script.ts";
import { keptSource } from "../search/fetch/source-filter.ts";
import type { Cluster } from "./cluster.ts";
import { type Scripted, scriptDocument } from "./document-script.ts";
import {
  checkRouting,
  conflict,
  deleteDocument,
  indexDocument,
  type WriteConditions,
  type WriteOutcome,
} from "./document-write.ts";
import { checkBlocks } from "./block-checks.ts";
import type { IndexState } from "./index-state.ts";
import { readMembers } from "./update-members.ts";
import type { StoredDocument } from "./stored-document.ts";

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
 * @param ingest what becomes of the document before it is stored
 * @throws {EsError} 404 `document_missing_exception`, 409 for a conflict, 400 for a body it cannot
 *   be, scripts among them
 */
export function updateDocument(
  cluster: Cluster,
  index: IndexState,
  id: string,
  body: string,
  conditions: WriteConditions,
  ingest: (text: string) => string = (text) => text,
): UpdateOutcome {
  const store = (text: string, routing: string | undefined): UpdateOutcome =>
    stored(cluster, index, id, ingest(text), { routing });
  if (id === "") throw illegalArgument("if _id is specified it must not be empty");
  checkBlocks([index], "write");
  const request = parseUpdate(body);
  const { doc, upsert } = request;
  const { routing } = conditions;
  checkRouting(index, id, routing);
  const current = index.find(id, routing);
  if (request["script"] !== undefined)
    return updateByScript(cluster, index, id, request, conditions, current, store);
  if (current === undefined) {
    const first = request["doc_as_upsert"] === true ? doc : upsert;
    if (!isObject(first)) throw missing(index, id, routing);
    return store(javaText(first), routing);
  }
  checkSequence(index, current, conditions);
  if (!isObject(doc)) throw validationFailed("script or doc is missing");
  const kept = keptSource(index.mappings)(current.source);
  if (!isObject(kept)) throw sourceMissing(index, current);
  const merged = { ...(asJavaJson(kept) as JsonObject) };
  const isChanged = mergeInto(merged, asJavaJson(doc) as JsonObject);
  if (!isChanged && request["detect_noop"] !== false) {
    index.counts.noopUpdates++;
    return {
      index,
      id,
      version: current.version,
      seqNo: current.seqNo,
      result: "noop",
      document: current,
    };
  }
  return store(javaText(merged), routing ?? current.routing);
}

/** A source as Java writes it: what is beyond 16 bits stands there escaped. */
function javaText(source: unknown): string {
  const text = jsonText(asJavaJson(source));
  return text.replaceAll(/[\ud800-\udfff]/g, (half) => {
    return `\\u${half.charCodeAt(0).toString(16).toUpperCase()}`;
  });
}

/** What a script of an update may ask for. */
const rules = { operations: ["create", "index", "delete", "none", "noop"], writable: [] };

function updateByScript(
  cluster: Cluster,
  index: IndexState,
  id: string,
  request: JsonObject,
  conditions: WriteConditions,
  current: StoredDocument | undefined,
  store: (text: string, routing: string | undefined) => UpdateOutcome,
): UpdateOutcome {
  const { upsert } = request;
  const script = readScript(request["script"], (name) => cluster.objects.scripts.get(name)?.source);
  const { routing } = conditions;
  const scripted = (source: JsonObject, operation: string): Scripted =>
    scriptDocument(
      script,
      {
        index: index.name,
        id,
        ...(current === undefined ? {} : { version: current.version }),
        routing: routing ?? current?.routing,
        source,
        operation,
        nowMs: cluster.entropy.nowMs(),
      },
      rules,
    );
  if (current === undefined) {
    const isScripted = request["scripted_upsert"] === true;
    const first = upsert;
    if (!isObject(first)) throw missing(index, id, routing);
    const made = isScripted ? scripted(first, "create") : undefined;
    if (made !== undefined && made.operation !== "create")
      throw notSupported("[ctx.op] of a scripted upsert that is not [create]");
    const text = javaText(made === undefined ? first : made.source);
    return store(text, routing);
  }
  checkSequence(index, current, conditions);
  const kept = keptSource(index.mappings)(current.source);
  if (!isObject(kept)) throw sourceMissing(index, current);
  const { operation, source } = scripted(kept, "index");
  if (operation === "delete") {
    const outcome = deleteDocument(index, id, { routing: routing ?? current.routing });
    return { ...outcome, document: current };
  }
  if (operation === "index" || operation === "create")
    return store(javaText(source), routing ?? current.routing);
  index.counts.noopUpdates++;
  const { version, seqNo } = current;
  return { index, id, version, seqNo, result: "noop", document: current };
}

/**
 * Reads the body of an update, or the source line of one in a bulk request.
 *
 * @throws {EsError} 400 for what is no update
 */
export function parseUpdate(body: string, demands: UpdateDemands = {}): JsonObject {
  parseJson(body);
  const given = parseSourceText(body);
  if (!isObject(given)) {
    throw new EsError(
      400,
      "x_content_parse_exception",
      "[1:1] [UpdateRequest] Expected START_OBJECT but was: START_ARRAY",
    );
  }
  for (const name of Object.keys(given)) {
    if (!members.has(name)) {
      throw new EsError(
        400,
        "x_content_parse_exception",
        `[1:${body.indexOf(`"${name}"`) + 1}] [UpdateRequest] unknown field [${name}]${didYouMean(name, members, 0.5)}`,
      );
    }
  }
  const request = readMembers(body, given);
  const problems = problemsOf(request, demands);
  if (problems.length > 0) throw validationFailed(...problems);
  return request;
}

/** What is asked of an update beside its body. */
interface UpdateDemands {
  readonly conditions?: WriteConditions;
  /** How often it may be tried again. */
  readonly retries?: number;
}

function problemsOf(
  request: JsonObject,
  { conditions = {}, retries = 0 }: UpdateDemands,
): string[] {
  const { doc, script, upsert, doc_as_upsert: isUpsert } = request;
  const isComparing = conditions.ifSeqNo !== undefined;
  const term = conditions.ifPrimaryTerm ?? 0;
  const checks: readonly (readonly [boolean, string])[] = [
    [isComparing && term === 0, `ifSeqNo is set, but primary term is [${term}]`],
    [!isComparing && term !== 0, `ifSeqNo is unassigned, but primary term is [${term}]`],
    [isComparing && retries > 0, "compare and write operations can not be retried"],
    [isComparing && isUpsert === true, "compare and write operations can not be used with upsert"],
    [
      isComparing && upsert !== undefined,
      "upsert requests don't support `if_seq_no` and `if_primary_term`",
    ],
    [script === undefined && doc === undefined, "script or doc is missing"],
    [script !== undefined && doc !== undefined, "can't provide both script and doc"],
    [doc === undefined && isUpsert === true, "doc must be specified if doc_as_upsert is enabled"],
  ];
  return checks.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
}

function missing(index: IndexState, id: string, routing: string | undefined): EsError {
  return documentProblem(404, "document_missing_exception", "document missing", index, id, routing);
}

function sourceMissing(index: IndexState, { id, routing }: StoredDocument): EsError {
  const type = "document_source_missing_exception";
  return documentProblem(400, type, "document source missing", index, id, routing);
}

function documentProblem(
  status: number,
  type: string,
  reason: string,
  index: IndexState,
  id: string,
  routing: string | undefined,
): EsError {
  return new EsError(status, type, `[${id}]: ${reason}`, {
    index_uuid: index.uuid,
    shard: String(index.shardNumber(id, routing)),
    index: index.name,
  });
}

function checkSequence(
  index: IndexState,
  current: StoredDocument,
  conditions: WriteConditions,
): void {
  const { ifSeqNo, ifPrimaryTerm } = conditions;
  if (ifSeqNo === undefined || (current.seqNo === ifSeqNo && current.primaryTerm === ifPrimaryTerm))
    return;
  throw conflict(
    index,
    current.id,
    current.routing,
    `required seqNo [${ifSeqNo}], primary term [${ifPrimaryTerm ?? 0}]. current document has seqNo [${current.seqNo}] and primary term [${current.primaryTerm}]`,
  );
}

function stored(
  cluster: Cluster,
  index: IndexState,
  id: string,
  text: string,
  conditions: WriteConditions,
): UpdateOutcome {
  const outcome = indexDocument(cluster, index, id, text, false, conditions);
  const document = index.find(id, conditions.routing);
  if (document === undefined) throw new Error("a document that was just stored is missing");
  return { ...outcome, document };
}

/** A value with the members of its objects as Java's HashMap lists them. */
function hashed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hashed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    inHashOrder(Object.keys(value)).map((name) => [name, hashed(value[name])]),
  );
}

/**
 * Merges `changes` into `target`, objects member by member, everything else by replacement; true
 * when anything changed.
 */
function mergeInto(target: Record<string, unknown>, changes: JsonObject): boolean {
  let isChanged = false;
  for (const name of inHashOrder(Object.keys(changes))) {
    const value = hashed(changes[name]);
    const old = target[name];
    if (isObject(old) && isObject(value)) {
      const inner: Record<string, unknown> = { ...old };
      if (mergeInto(inner, value)) {
        target[name] = inner;
        isChanged = true;
      }
    } else if (!Object.hasOwn(target, name) || jsonText(old) !== jsonText(value)) {
      target[name] = value;
      isChanged = true;
    }
  }
  return isChanged;
}
