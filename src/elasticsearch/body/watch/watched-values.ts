import type { RequestFacts } from "../request/request-facts.ts";
import type { ResponseFacts, ValuesFact } from "../response/response-facts.ts";
import type { WatchRules } from "./watch-rules.ts";

/** Values of a watched field that came back without the documents they stand in. */
export interface WatchedValues {
  readonly field: string;
  readonly kind: ValuesFact["kind"];
  /** Name of the aggregation or suggester; empty where there is none. */
  readonly name: string;
  /** Values under that name; of several fields together, where it has several. */
  readonly count: number;
}

/**
 * Which values of an answer are those of watched fields: the answer says their names, the request
 * the fields behind them.
 *
 * @param nowMs time of the request, for date math; milliseconds since 1970
 */
export function watchedValues(
  rules: WatchRules,
  request: RequestFacts,
  response: ResponseFacts,
  nowMs: number,
): WatchedValues[] {
  const read = request.names.filter(({ kind, use }) => kind === "index" && use === "read");
  const covering = rules.ofExpressions(
    read.map(({ name }) => name),
    nowMs,
  );
  if (covering === 0) return [];
  return response.values.flatMap((values) =>
    fieldsBehind(values, request)
      .filter((field) => (rules.ofField(field) & covering) !== 0)
      .map((field) => ({ field, kind: values.kind, name: values.name, count: values.count })),
  );
}

function fieldsBehind({ kind, name }: ValuesFact, { outputs }: RequestFacts): string[] {
  // The answer names the field itself.
  if (kind === "vertex" || kind === "term_vector") return [name];
  return outputs.flatMap((output) =>
    output.kind === kind && output.name === name && output.field !== undefined
      ? [output.field]
      : [],
  );
}
