/** What a simulation tells of each processor that a document came to. */
import type { EsError } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { toJsonValue } from "../script/values.ts";
import type { IngestDocument } from "./ingest-document.ts";

/** How it went at one processor. */
export type StepStatus = "dropped" | "error" | "error_ignored" | "skipped" | "success";

/** What is told of a processor whatever happens. */
export interface StepName {
  readonly type: string;
  readonly settings: JsonObject;
}

/** Simulations that tell of the documents that they try out. */
export const simulations = new WeakMap<IngestDocument, Simulation>();

/** Collects what a simulation tells. */
export class Simulation {
  readonly results: JsonObject[] = [];

  /** Adds what happened, with the document as it is then where `shown` has it. */
  add(
    { type, settings }: StepName,
    status: StepStatus,
    outcome: { readonly error?: EsError; readonly shown?: IngestDocument } = {},
  ): void {
    const { description, tag, if: condition } = settings;
    const { error, shown } = outcome;
    const failure = error === undefined ? undefined : error.toBody().error;
    this.results.push({
      processor_type: type,
      status,
      ...(description === undefined ? {} : { description }),
      ...(tag === undefined ? {} : { tag }),
      ...(condition === undefined
        ? {}
        : { if: { condition: conditionText(condition), result: status !== "skipped" } }),
      ...(status === "error" ? { error: failure } : {}),
      ...(status === "error_ignored" ? { ignored_error: { error: failure } } : {}),
      ...(shown === undefined ? {} : { doc: documentJson(shown) }),
    });
  }
}

function conditionText(condition: unknown): string {
  return isObject(condition) ? textOf(condition["source"] ?? condition["id"]) : textOf(condition);
}

/** A document with its metadata, and all of `_ingest`. */
function documentJson(document: IngestDocument): JsonObject {
  return { ...documentShown(document), _ingest: toJsonValue(document.ingest) };
}

/** A document with its metadata, without `_ingest`. */
export function documentShown(document: IngestDocument): JsonObject {
  const { index, id, routing } = document.target();
  return {
    _index: index,
    _version: "-3",
    _id: id,
    ...(routing === undefined ? {} : { _routing: routing }),
    _source: document.source(),
  };
}
