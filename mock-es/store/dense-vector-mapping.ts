/** What the mapping of a `dense_vector` field may say, and what its documents may hold. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleJson } from "../json/java-number.ts";
import { endOf, positionOf } from "../json/json-position.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import {
  isNumberList,
  toVector,
  vectorProblem,
  vectorType,
} from "../search/fields/dense-vector.ts";
import { type DocumentPlace, documentParsingOf } from "./document-problem.ts";
import type { FieldNode } from "./field-node.ts";
import { mapperParsing } from "./mapping-problem.ts";
import { checkVectorOptions, isIndexType } from "./vector-options.ts";

/** Longest vector. */
const maxDims = 4096;
const similarities = ["l2_norm", "cosine", "dot_product", "max_inner_product"];
/** From this length on, floats are kept as bits by default. */
const bitsFrom = 384;

/**
 * Checks the parameters of a `dense_vector` and fills in what the server decides by itself.
 *
 * @throws {EsError} 400 in the server's words
 */
export function completeVector(name: string, parameters: Record<string, unknown>): void {
  const element = textOf(parameters["element_type"] ?? "float");
  if (element === "bfloat16") throw notSupported("vectors of [bfloat16]");
  if (!["float", "bit", "bfloat16", "byte"].includes(element)) {
    throw mapperParsing(
      `invalid element_type [${element}]; available types are [float, bit, bfloat16, byte]`,
    );
  }
  const dims = parameters["dims"] === undefined ? undefined : Number(parameters["dims"]);
  const [least, most] = element === "bit" ? [8, maxDims * 8] : [1, maxDims];
  if (dims !== undefined && (dims < least || dims > most)) {
    throw mapperParsing(
      `The number of dimensions should be in the range [${least}, ${most}] but was [${dims}]`,
    );
  }
  if (dims !== undefined && element === "bit" && dims % 8 !== 0)
    throw mapperParsing(`The number of dimensions for should be a multiple of 8 but was [${dims}]`);
  checkIndexing(name, element, parameters);
  if (parameters["index"] === false) return;
  parameters["index"] = true;
  parameters["similarity"] ??= element === "bit" ? "l2_norm" : "cosine";
  const options = parameters["index_options"];
  if (isObject(options)) parameters["index_options"] = completeOptions(options);
  else if (dims !== undefined) completeIndexOptions(parameters, element, dims);
}

function checkIndexing(name: string, element: string, parameters: JsonObject): void {
  const { similarity, index_options: options } = parameters;
  if (parameters["index"] === false) {
    for (const key of ["similarity", "index_options"]) {
      if (parameters[key] === undefined) continue;
      throw illegalArgument(
        `Field [${key}] can only be specified for a field of type [dense_vector] when it is indexed`,
      );
    }
  }
  if (similarity !== undefined && !similarities.includes(textOf(similarity))) {
    throw mapperParsing(
      `Unknown value [${textOf(similarity)}] for field [similarity] - accepted values are [${similarities.join(", ")}]`,
    );
  }
  if (element === "bit" && similarity !== undefined && similarity !== "l2_norm") {
    throw illegalArgument(
      "The [l2_norm] similarity is the only supported similarity for bit vectors",
    );
  }
  if (options !== undefined && !isObject(options))
    throw notSupported("[index_options] of a [dense_vector] that are no object");
  if (!isObject(options)) return;
  const type = options["type"];
  if (type === undefined)
    throw mapperParsing("[index_options] requires field [type] to be configured");
  if (type === "bbq_disk") throw notSupported("[index_options] of the type [bbq_disk]");
  if (!isIndexType(textOf(type)))
    throw mapperParsing(`Unknown vector index options type [${textOf(type)}] for field [${name}]`);
  const isCompressed = /^(?:int8|int4|bbq)_/.test(textOf(type));
  if (isCompressed && (element === "byte" || element === "bit")) {
    throw illegalArgument(
      `[element_type] cannot be [${element}] when using index type [${textOf(type)}]`,
    );
  }
  const { dims } = parameters;
  checkVectorOptions(name, options, dims === undefined ? undefined : Number(dims));
}

/** Parameters of a graph that nobody chose. */
const graph = { m: 16, ef_construction: 100 };
const rescored = { rescore_vector: { oversample: doubleJson(3) } };

function completeOptions(options: JsonObject): JsonObject {
  const { type, ...given } = options;
  const kind = textOf(type);
  return {
    type,
    ...(kind.endsWith("hnsw") ? graph : {}),
    ...(kind.startsWith("bbq_") ? rescored : {}),
    ...given,
  };
}

function completeIndexOptions(
  parameters: Record<string, unknown>,
  element: string,
  dims: number,
): void {
  if (element !== "float") return;
  const type = dims >= bitsFrom ? "bbq_hnsw" : "int8_hnsw";
  parameters["index_options"] = completeOptions({ type });
}

/**
 * Checks a vector of a document; the first one decides the length where the mapping does not.
 *
 * @throws {EsError} 400 `document_parsing_exception`
 */
export function mapVector(
  place: DocumentPlace,
  field: string,
  node: FieldNode,
  value: unknown,
): void {
  const type = vectorType(node);
  if (typeof value !== "string" && !isNumberList(value)) throw notNumbers(place, value);
  const vector = toVector(value, type);
  const { dims } = type;
  const wanted = type.element === "bit" && dims !== undefined ? dims / 8 : dims;
  const what = `The [dense_vector] field [${field}] in doc [document with id '${place.id}'] has`;
  if (wanted !== undefined && vector.length > wanted) {
    const reason = `${what} more dimensions than defined in the mapping [${wanted}]`;
    throw refuse({ ...place, path: [...place.path, wanted] }, reason, false);
  }
  if (wanted !== undefined && vector.length < wanted) {
    const reason = `${what} a different number of dimensions [${vector.length}] than defined in the mapping [${wanted}]`;
    throw refuse(place, reason, true);
  }
  const problem = vectorProblem(vector, type);
  if (problem !== undefined) {
    const at = / at dim \[(\d+)\];$/.exec(problem)?.[1];
    const path = at === undefined ? place.path : [...place.path, Number(at)];
    throw refuse({ ...place, path }, problem, at === undefined);
  }
  if (dims !== undefined) return;
  const parameters = node.parameters as Record<string, unknown>;
  parameters["dims"] = type.element === "bit" ? vector.length * 8 : vector.length;
  if (parameters["index"] !== false && parameters["index_options"] === undefined)
    completeIndexOptions(parameters, type.element, vector.length);
}

function refuse(place: DocumentPlace, reason: string, isAtEnd: boolean): Error {
  const { text, path } = place;
  const { line, column } = isAtEnd ? endOf(text, path) : positionOf(text, path);
  return documentParsingOf(line, column, `failed to parse: ${reason}`, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}

function notNumbers(place: DocumentPlace, value: unknown): Error {
  const { text, path } = place;
  if (!Array.isArray(value)) {
    const { line, column } = positionOf(text, path);
    if (typeof value === "number" || isRawNumber(value)) {
      const shown = isRawNumber(value) ? value.rawJSON : String(value);
      const reason = `Unsupported type [VALUE_NUMBER] for provided value [${shown}]`;
      const cause = { type: "parsing_exception", reason, line, col: column };
      return documentParsingOf(line, column, `failed to parse: ${reason}`, {
        root_cause: [cause],
        caused_by: cause,
      });
    }
    const found = isObject(value) ? "START_OBJECT" : "VALUE_BOOLEAN";
    return refuse(place, `Expected text at ${line}:${column} but found ${found}`, false);
  }
  const at = value.findIndex((element) => !isNumberList([element]));
  const { line, column } = positionOf(text, [...path, at]);
  const token = Array.isArray(value[at]) ? "START_ARRAY" : "VALUE_STRING";
  const reason = `Failed to parse object: expecting token of type [VALUE_NUMBER] but found [${token}]`;
  const cause = { type: "parsing_exception", reason, line, col: column };
  return documentParsingOf(line, column, `failed to parse: ${reason}`, {
    root_cause: [cause],
    caused_by: cause,
  });
}

/** Shortest list of fractions that is taken for a vector, where no mapping says what it is. */
const dynamicFrom = 128;

/** The parameters of a field for a list of fractions; `undefined` for what is no vector. */
export function dynamicVector(value: unknown): Record<string, unknown> | undefined {
  if (!Array.isArray(value) || value.length < dynamicFrom || value.length > maxDims)
    return undefined;
  const isFraction = (element: unknown): boolean =>
    isRawNumber(element)
      ? /[.eE]/.test(element.rawJSON)
      : typeof element === "number" && !Number.isInteger(element);
  if (!value.every(isFraction)) return undefined;
  const parameters: Record<string, unknown> = { dims: value.length };
  completeVector("", parameters);
  return parameters;
}
