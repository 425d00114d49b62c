/** Scripts of searches: what they see of a document. */
import { EsError, notSupported } from "../../es-error.ts";
import { isObject, textOf } from "../../json/json-value.ts";
import type { ScriptFunction } from "../../script/evaluation.ts";
import { RuntimeProblem } from "../../script/problems.ts";
import { itemsOf } from "../../script/library/method.ts";
import { readScript, runScript } from "../../script/script.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import {
  Double,
  isScriptObject,
  javaTypeOf,
  numberIn,
  type ScriptObject,
  ScriptSet,
  textOfValue,
  toJsonValue,
  toScriptValue,
} from "../../script/values.ts";
import { toJavaText } from "../../values/java-text.ts";
import { createVectorReader } from "../fields/dense-vector.ts";
import { createDocValues } from "../fields/doc-values.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { collectRaw, type FieldReader, rootOf } from "../fields/reader.ts";
import type { IndexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { byValue, fieldObject, shown, valuesObject } from "./script-doc-values.ts";

/** A script, ready to run on documents. */
export type DocumentScript = (document: SearchDocument, score: number) => unknown;

/**
 * Compiles a script of a search. It sees `doc`, `_score` and `params`, and has the functions of the
 * server for vectors and scores.
 *
 * @throws {EsError} 400 for a script that does not parse or is not covered
 */
export function compileScript(given: unknown, context: SearchContext): DocumentScript {
  const { doc, look, fields } = documentView(context);
  const script = readScript(given, context.findScript);
  let current: SearchDocument | undefined;
  const functions = { ...plainFunctions, ...vectorFunctions(context, () => current), ...fields };
  return (document, score) => {
    current = document;
    look(document);
    const variables = { doc, _score: new Double(score) };
    try {
      return runScript(script, { variables, functions });
    } catch (error) {
      throw inShardOf(error, context);
    }
  };
}

/** The type of a value of a script, in Java's word for numbers that are no objects. */
export function primitiveTypeOf(value: unknown): string {
  const name = javaTypeOf(value);
  const boxed = /^java\.lang\.(Integer|Long|Double|Float)$/.exec(name)?.[1]?.toLowerCase();
  return boxed === undefined ? name : boxed === "integer" ? "int" : boxed;
}

/** What a script gives cannot be what is asked of it. */
export function castProblem(context: SearchContext, given: unknown, reason: string): EsError {
  return shardFailure(context.index, "script_exception", "runtime error", {
    script_stack: [],
    script: readScript(given, context.findScript).source,
    lang: "painless",
    caused_by: { type: "class_cast_exception", reason },
  });
}

/**
 * Compiles a script that computes something of a document, without a score: that of a field. It
 * sees `doc` and `params`, with the source of the document in `params._source`.
 *
 * @returns what the script returns, as JSON
 */
export function compileFieldScript(
  given: unknown,
  context: SearchContext,
): (document: SearchDocument) => unknown {
  const run = compileRun(given, context, {});
  return (document) => toJsonValue(run(document));
}

/**
 * Compiles the script of a value: that of a sort, or of an aggregation, where it may see the value
 * of a field as `_value`.
 *
 * @returns what the script returns: texts, numbers (dates in milliseconds), booleans, or a list
 */
export function compileValueScript(
  given: unknown,
  context: SearchContext,
  asTexts = false,
): (document: SearchDocument, score: number, value?: unknown) => readonly IndexedValue[] {
  const { doc, look, fields } = documentView(context);
  const script = readScript(given, context.findScript);
  return (document, score, value) => {
    look(document);
    const own = value === undefined ? {} : { _value: value };
    try {
      const variables = { doc, _score: new Double(score), ...own };
      return plainValues(runScript(script, { variables, functions: fields }), asTexts);
    } catch (error) {
      throw inShardOf(error, context);
    }
  };
}

function plainValues(result: unknown, asTexts: boolean): readonly IndexedValue[] {
  if (result === null || result === undefined) return [];
  const isPlain = typeof result === "boolean" || numberIn(result) !== undefined;
  if (asTexts && isPlain) return [textOfValue(result)];
  if (typeof result === "string") return [result];
  if (typeof result === "boolean") return [Number(result)];
  const number = numberIn(result);
  if (number !== undefined) return [number];
  if (isScriptObject(result) && "epochMs" in result) return [Number(result.epochMs)];
  if (Array.isArray(result) || isScriptObject(result) || result instanceof ScriptSet)
    return itemsOf(result).flatMap((item) => plainValues(item, asTexts));
  throw notSupported("the value of the script");
}

/** Compiles the script of a runtime field, which emits its values. */
export function compileEmitter(
  given: unknown,
  context: SearchContext,
): (document: SearchDocument) => readonly unknown[] {
  let emitted: unknown[] = [];
  const emit: ScriptFunction = (value) => {
    emitted.push(toJsonValue(value));
    return undefined;
  };
  const run = compileRun(given, context, { emit });
  return (document) => {
    emitted = [];
    run(document);
    return emitted.map((value) => (isRawNumber(value) ? Number(value.rawJSON) : value));
  };
}

/**
 * Compiles a script of `scripted_metric`. It sees `params` and the variables that it is run with,
 * and `doc` and `_score` where it is run on a document.
 */
export function compileMetricScript(
  given: unknown,
  params: ReadonlyMap<unknown, unknown>,
  context: SearchContext,
): (
  variables: Readonly<Record<string, unknown>>,
  on?: { readonly document: SearchDocument; readonly score: number },
) => unknown {
  const { doc, look, fields } = documentView(context);
  const script = readScript(given, context.findScript);
  const own = toScriptValue(script.params) as Map<unknown, unknown>;
  const shared = new Map([...params, ...own]);
  return (variables, on) => {
    if (on !== undefined) look(on.document);
    const seen = on === undefined ? {} : { doc, _score: new Double(on.score) };
    try {
      const functions = on === undefined ? {} : fields;
      return runScript(script, { variables: { params: shared, ...seen, ...variables }, functions });
    } catch (error) {
      throw inShardOf(error, context);
    }
  };
}

function compileRun(
  given: unknown,
  context: SearchContext,
  functions: Readonly<Record<string, ScriptFunction>>,
): (document: SearchDocument) => unknown {
  const { doc, look, fields } = documentView(context);
  const script = readScript(given, context.findScript);
  const own = toScriptValue(script.params) as Map<unknown, unknown>;
  const known = { ...fields, ...functions };
  return (document) => {
    look(document);
    const source = ["_source", toScriptValue(document.source)] as const;
    const params = new Map<unknown, unknown>([...own, source, ["_fields", storedFields]]);
    try {
      return runScript(script, { variables: { doc, params }, functions: known });
    } catch (error) {
      throw inShardOf(error, context);
    }
  };
}

/** `params._fields`, of which nothing is read here. */
const storedFields: ScriptObject = {
  isScriptObject: true,
  member() {
    throw notSupported("[params._fields] in a script");
  },
};

/** `doc`: the doc values of the document that was looked at last. */
function documentView(context: SearchContext): {
  readonly doc: ScriptObject;
  readonly look: (document: SearchDocument) => void;
  /** `field(name)` and `$(name, default)`. */
  readonly fields: Readonly<Record<string, ScriptFunction>>;
} {
  const readers = new Map<string, { readonly field: Field; readonly read: FieldReader }>();
  let current: SearchDocument | undefined;
  const fieldOf = (name: string): { readonly field: Field; readonly read: FieldReader } => {
    let known = readers.get(name);
    if (known === undefined) {
      const field = resolveField(context, name);
      if (field === undefined)
        throw new RuntimeProblem(
          "illegal_argument_exception",
          `No field found for [${name}] in mapping`,
        );
      known = { field, read: createDocValues(field, context) };
      readers.set(name, known);
    }
    return known;
  };
  const doc: ScriptObject = {
    isScriptObject: true,
    member(name) {
      const { field, read } = fieldOf(name);
      const values = current === undefined ? [] : read(current);
      return valuesObject(values.toSorted(byValue).map((value) => shown(field, value)));
    },
    call(name, from) {
      if (name === "containsKey") return resolveField(context, textOfValue(from[0])) !== undefined;
      return name === "get" ? this.member(textOfValue(from[0])) : undefined;
    },
  };
  const field: ScriptFunction = (given) => {
    const name = textOfValue(given);
    const found = resolveField(context, name);
    if (found === undefined || current === undefined) return fieldObject(name, []);
    return fieldObject(name, valuesOf(found, fieldOf, current));
  };
  return {
    doc,
    look(document) {
      current = document;
    },
    fields: {
      field,
      $: (name, fallback) => (field(name) as ScriptObject).call?.("get", [fallback]),
    },
  };
}

/** Values of a field as `field(name)` has them: those of texts are read from the source. */
function valuesOf(
  field: Field,
  find: (name: string) => { readonly read: FieldReader },
  document: SearchDocument,
): readonly unknown[] {
  const isText = field.kind === "text" || field.kind === "keyword";
  if (isText && (field.kind === "text" || !field.hasDocValues)) {
    const raw: unknown[] = [];
    for (const { path } of field.places) collectRaw(rootOf(document).source, path, 0, raw);
    return raw.filter((value) => value !== null).map(toJavaText);
  }
  const values = find(field.name).read(document).toSorted(byValue);
  return values.map((value) => shown(field, value));
}

/** What a script runs into is the failure of its shard. */
function inShardOf(error: unknown, { index }: SearchContext): unknown {
  const cause = error instanceof EsError ? error.extra["caused_by"] : undefined;
  if (!isObject(cause) || cause["type"] !== "script_exception") return error;
  const { type, reason, ...rest } = cause;
  return shardFailure(index, textOf(type), textOf(reason), rest);
}

const plainFunctions: Readonly<Record<string, ScriptFunction>> = {
  saturation: (value, k) => new Double(real(value) / (real(value) + real(k))),
  sigmoid: (value, k, a) =>
    new Double(real(value) ** real(a) / (real(k) ** real(a) + real(value) ** real(a))),
};

function real(value: unknown): number {
  return numberIn(value) ?? NaN;
}

function vectorFunctions(
  context: SearchContext,
  current: () => SearchDocument | undefined,
): Readonly<Record<string, ScriptFunction>> {
  const over =
    (compute: (query: readonly number[], vector: readonly number[]) => number): ScriptFunction =>
    (query, name) => {
      const field = resolveField(context, textOfValue(name));
      if (field?.type !== "dense_vector" || !Array.isArray(query))
        throw new RuntimeProblem(
          "illegal_argument_exception",
          `No field found for [${textOfValue(name)}] in mapping`,
        );
      const document = current();
      const vector = document === undefined ? undefined : createVectorReader(field)(document);
      if (vector === undefined)
        throw new RuntimeProblem(
          "illegal_argument_exception",
          "A document doesn't have a value for a vector field!",
        );
      const asked = query.map(real);
      if (asked.length !== vector.length)
        throw new RuntimeProblem(
          "illegal_argument_exception",
          `The query vector has a different number of dimensions [${asked.length}] than the document vectors [${vector.length}].`,
        );
      return new Double(compute(asked, vector));
    };
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return {
    dotProduct: over(dot),
    cosineSimilarity: over((a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))),
    l1norm: over((a, b) => a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0)),
    l2norm: over((a, b) =>
      Math.sqrt(a.reduce((sum, value, at) => sum + (value - (b[at] ?? 0)) ** 2, 0)),
    ),
  };
}
