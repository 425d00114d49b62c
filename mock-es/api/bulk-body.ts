/** The body of a bulk request: actions, and the documents that they write. */
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import { isAscii } from "node:buffer";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { parseSourceText } from "../json/exact-numbers.ts";
import { parseJson } from "../json/json-body.ts";
import type { WriteConditions } from "../store/document-write.ts";
import { type ActionMetadata, readMetadata } from "./bulk-metadata.ts";
import type { FetchSource } from "./fetch-source.ts";

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
  /** How often an update may be tried again. */
  readonly retries: number;
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
  const values = readMetadata(metadata, { text, number: line, action: name });
  checkAction(values, name, line);
  const pipeline = values.pipeline ?? defaults.pipeline;
  const routing = values.routing ?? defaults.routing;
  const { version, versionType, ifSeqNo, ifPrimaryTerm, dynamicTemplates } = values;
  const isPlain = [versionType, version, ifSeqNo, ifPrimaryTerm, dynamicTemplates].every(
    (value) => value === undefined,
  );
  return {
    kind: name === "index" && values.opType === "create" ? "create" : name,
    index: values.index ?? defaults.index,
    id: values.id,
    requireAlias: values.requireAlias ?? defaults.requireAlias,
    requireDataStream: values.requireDataStream ?? defaults.requireDataStream,
    listsPipelines: values.listsPipelines ?? defaults.listsPipelines,
    pipeline: pipeline === "_none" ? undefined : pipeline,
    retries: values.retries ?? 0,
    hasConditions: !isPlain,
    conditions:
      isPlain && routing === undefined
        ? noConditions
        : { routing, version, versionType, ifSeqNo, ifPrimaryTerm, dynamicTemplates },
    fetchSource: values.fetchSource ?? defaults.fetchSource,
  };
}

/** What an action does not take. @throws {EsError} 400 */
function checkAction(values: ActionMetadata, action: BulkKind, line: number): void {
  const { version, versionType = "internal", dynamicTemplates = {}, pipeline } = values;
  if (action === "update" && (version !== undefined || versionType !== "internal"))
    throw illegalArgument(
      "Update requests do not support versioning. Please use `if_seq_no` and " +
        "`if_primary_term` instead",
    );
  if ((action === "update" || action === "delete") && Object.keys(dynamicTemplates).length > 0) {
    const title = action === "update" ? "Update" : "Delete";
    throw illegalArgument(`${title} request in line [${line}] does not accept dynamic_templates`);
  }
  if (pipeline === "" && (action === "index" || action === "create"))
    throw validationFailed("pipeline cannot be an empty string");
}

function onlyMember(text: string, line: number): [string, JsonObject] {
  parseJson(text);
  const value = parseSourceText(text);
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
