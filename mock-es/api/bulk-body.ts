import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import { isAscii } from "node:buffer";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { parseJson } from "../json/json-body.ts";
import type { WriteConditions } from "../store/document-write.ts";
import { type FetchSource, toFetchSource } from "./fetch-source.ts";
import { readVersionType } from "./write-parameters.ts";
import { toText } from "../json/coerce.ts";

/** What a bulk action does, and the key of its item in the answer. */
export type BulkKind = "index" | "create" | "update" | "delete";

/** One action of a bulk request. */
export interface BulkAction {
  readonly kind: BulkKind;
  readonly index: string;
  readonly id: string | undefined;
  /** The source line; empty for `delete`. */
  readonly text: string;
  readonly requireAlias: boolean;
  readonly requireDataStream: boolean;
  readonly listsPipelines: boolean;
  /** Ingest pipeline; `undefined` for none. */
  readonly pipeline: string | undefined;
  readonly hasConditions: boolean;
  readonly conditions: WriteConditions;
  /** For `update`: which part of the source the item shall answer. */
  readonly fetchSource: FetchSource | undefined;
}

/** What the path and query string say for all actions that do not say it themselves. */
export interface BulkDefaults {
  readonly index: string | undefined;
  readonly routing: string | undefined;
  readonly requireAlias: boolean;
  readonly requireDataStream: boolean;
  readonly listsPipelines: boolean;
  readonly pipeline: string | undefined;
  readonly fetchSource: FetchSource | undefined;
}

const newline = 10;
const carriageReturn = 13;

/**
 * Reads a bulk body completely before any of it is executed, so that a malformed line refuses the
 * whole request. Blank lines are skipped but counted; `delete` has no source line.
 *
 * @throws {EsError} 400 with the number of the offending line
 */
export function parseBulkBody(body: Buffer, defaults: BulkDefaults): BulkAction[] {
  if (body[body.length - 1] !== newline) {
    throw illegalArgument("The bulk request must be terminated by a newline [\\n]");
  }
  const encoding = isAscii(body) ? "latin1" : "utf8";
  const actions: BulkAction[] = [];
  let at = 0;
  let lineNumber = 0;
  let missingIndices = 0;
  let missingIds = 0;
  let lastText = "";
  let lastHead: ActionHead | undefined;
  while (at < body.length) {
    const end = body.indexOf(newline, at);
    const text = readLine(body, encoding, at, end);
    at = end + 1;
    lineNumber++;
    if (text === "") continue;
    // Bulks without ids repeat the same action line for every document.
    const head: ActionHead =
      text === lastText && lastHead !== undefined
        ? lastHead
        : parseActionLine(text, lineNumber, defaults);
    lastText = text;
    lastHead = head;
    let source = "";
    if (head.kind !== "delete") {
      const sourceEnd = at < body.length ? body.indexOf(newline, at) : -1;
      if (sourceEnd === -1) throw validationFailed("no requests added");
      source = readLine(body, encoding, at, sourceEnd);
      at = sourceEnd + 1;
      lineNumber++;
    }
    if (head.index === undefined) missingIndices++;
    if (head.id === undefined && (head.kind === "delete" || head.kind === "update")) missingIds++;
    actions.push({ ...head, index: head.index ?? "", text: source });
  }
  if (actions.length === 0) throw validationFailed("no requests added");
  if (missingIds > 0)
    throw validationFailed(...Array.from({ length: missingIds }, () => "id is missing"));
  if (missingIndices > 0)
    throw validationFailed(...Array.from({ length: missingIndices }, () => "index is missing"));
  return actions;
}

function readLine(body: Buffer, encoding: "latin1" | "utf8", start: number, end: number): string {
  return body.toString(
    encoding,
    start,
    end > start && body[end - 1] === carriageReturn ? end - 1 : end,
  );
}

type ActionHead = Omit<BulkAction, "index" | "text"> & { readonly index: string | undefined };

const noConditions: WriteConditions = Object.freeze({});

function parseActionLine(text: string, line: number, defaults: BulkDefaults): ActionHead {
  const [name, metadata] = onlyMember(text, line);
  if (name !== "index" && name !== "create" && name !== "update" && name !== "delete") {
    throw illegalArgument(
      `Malformed action/metadata line [${line}], expected field [create], [delete], [index] or [update] but found [${name}]`,
    );
  }
  const values = readMetadata(metadata, line, name, defaults);
  if (values.ifSeqNo !== undefined && values.retryOnConflict > 0)
    throw validationFailed("compare and write operations can not be retried");
  const kind = name === "index" && values.opType === "create" ? "create" : name;
  return {
    kind,
    index: values.index,
    id: values.id,
    requireAlias: values.requireAlias,
    requireDataStream: values.requireDataStream,
    listsPipelines: values.listsPipelines,
    pipeline: values.pipeline === "_none" ? undefined : values.pipeline,
    hasConditions: values.hasConditions,
    conditions:
      values.hasConditions || values.routing !== undefined ? toConditions(values) : noConditions,
    fetchSource: values.fetchSource,
  };
}

function onlyMember(text: string, line: number): [string, JsonObject] {
  const value = parseJson(text);
  if (!isObject(value)) throw malformed(line, "START_OBJECT", tokenOf(value));
  let name: string | undefined;
  for (const key in value) {
    if (name !== undefined) throw malformed(line, "END_OBJECT", "FIELD_NAME");
    name = key;
  }
  if (name === undefined) throw malformed(line, "FIELD_NAME", "END_OBJECT");
  const metadata = value[name];
  if (!isObject(metadata)) throw malformed(line, "START_OBJECT or END_OBJECT", tokenOf(metadata));
  return [name, metadata];
}

function malformed(line: number, expected: string, found: string): EsError {
  return illegalArgument(
    `Malformed action/metadata line [${line}], expected ${expected} but found [${found}]`,
  );
}

interface Metadata {
  index: string | undefined;
  id: string | undefined;
  routing: string | undefined;
  requireAlias: boolean;
  requireDataStream: boolean;
  listsPipelines: boolean;
  pipeline: string | undefined;
  dynamicTemplates: Record<string, string> | undefined;
  retryOnConflict: number;
  opType: string | undefined;
  version: number | undefined;
  versionType: string | undefined;
  ifSeqNo: number | undefined;
  ifPrimaryTerm: number | undefined;
  hasConditions: boolean;
  fetchSource: FetchSource | undefined;
}

function readMetadata(
  metadata: JsonObject,
  line: number,
  kind: BulkKind,
  defaults: BulkDefaults,
): Metadata {
  const values: Metadata = {
    index: defaults.index,
    id: undefined,
    routing: defaults.routing,
    requireAlias: defaults.requireAlias,
    requireDataStream: defaults.requireDataStream,
    listsPipelines: defaults.listsPipelines,
    pipeline: defaults.pipeline,
    dynamicTemplates: undefined,
    retryOnConflict: 0,
    opType: undefined,
    version: undefined,
    versionType: undefined,
    ifSeqNo: undefined,
    ifPrimaryTerm: undefined,
    hasConditions: false,
    fetchSource: defaults.fetchSource,
  };
  for (const name in metadata) setMetadata(values, name, metadata[name], line, kind);
  return values;
}

function setMetadata(
  values: Metadata,
  name: string,
  value: unknown,
  line: number,
  kind: BulkKind,
): void {
  if (
    value !== null &&
    typeof value === "object" &&
    name !== "_source" &&
    name !== "dynamic_templates"
  ) {
    throw illegalArgument(
      `Malformed action/metadata line [${line}], expected a simple value for field [${name}] but found [${tokenOf(value)}]`,
    );
  }
  switch (name) {
    case "_index":
      if (value !== null) values.index = toText(value);
      return;
    case "_id":
      if (value !== null) values.id = toText(value);
      return;
    case "routing":
    case "_routing":
      if (name === "_routing") break;
      if (value !== null) values.routing = toText(value);
      return;
    case "require_alias":
      values.requireAlias = value === true || value === "true";
      return;
    case "require_data_stream":
      values.requireDataStream = value === true || value === "true";
      return;
    case "list_executed_pipelines":
      values.listsPipelines = value === true || value === "true";
      return;
    case "dynamic_templates":
      if (!isObject(value)) return;
      if (kind === "delete" && Object.keys(value).length > 0)
        throw illegalArgument(`Delete request in line [${line}] does not accept dynamic_templates`);
      values.dynamicTemplates = Object.fromEntries(
        Object.entries(value).map(([field, template]) => [field, toText(template)]),
      );
      values.hasConditions = true;
      return;
    case "op_type":
      values.opType = toText(value);
      return;
    case "pipeline":
      values.pipeline = value === null ? undefined : toText(value);
      return;
    case "version":
      if (kind === "update") {
        throw illegalArgument(
          "Update requests do not support versioning. Please use `if_seq_no` and " +
            "`if_primary_term` instead",
        );
      }
      values.version = Number(value);
      break;
    case "version_type":
      values.versionType = toText(value);
      break;
    case "if_seq_no":
      values.ifSeqNo = Number(value);
      break;
    case "if_primary_term":
      values.ifPrimaryTerm = Number(value);
      break;
    case "retry_on_conflict":
      values.retryOnConflict = Number(value);
      return;
    case "_source":
      values.fetchSource = toFetchSource(value);
      return;
    default:
  }
  if (!conditionNames.has(name))
    throw illegalArgument(`Action/metadata line [${line}] contains an unknown parameter [${name}]`);
  values.hasConditions = true;
}

const conditionNames: ReadonlySet<string> = new Set([
  "version",
  "version_type",
  "if_seq_no",
  "if_primary_term",
]);

function toConditions(values: Metadata): WriteConditions {
  return {
    routing: values.routing,
    version: values.version,
    versionType: readVersionType(values.versionType),
    ifSeqNo: values.ifSeqNo,
    ifPrimaryTerm: values.ifPrimaryTerm,
    dynamicTemplates: values.dynamicTemplates,
  };
}
