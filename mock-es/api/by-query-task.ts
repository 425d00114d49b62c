/**
 * Answers of requests that write many documents: at once, or, where the caller does not wait, as
 * the number of a task whose result `_tasks` then has. The work itself is done at once either way.
 */
import { EsError, isRefusal } from "../es-error.ts";
import { jsonText, isObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import type { Script } from "../script/script.ts";
import type { Cluster } from "../store/cluster.ts";
import {
  type ByQueryAnswer,
  countsOf,
  failureStatus,
  newStatus,
  renderByQuery,
} from "./by-query-status.ts";

/** Results that are kept; the oldest goes first. */
const mostResults = 1000;

/** Errors that come before there is a task. */
const early: ReadonlySet<string> = new Set([
  "action_request_validation_exception",
  "parsing_exception",
  "x_content_parse_exception",
]);

/** A request that is to be performed. */
export interface ByQueryTask {
  /** For example `indices:data/write/reindex`. */
  readonly action: string;
  /** As lists of tasks show it. */
  readonly description: string;
  /** @throws {EsError} what ends the request */
  readonly perform: () => ByQueryAnswer;
}

/** Performs a request and answers it, or gives the number of its task. */
export function replyByQuery(request: EsRequest, cluster: Cluster, task: ByQueryTask): EsReply {
  if (request.query.flag("wait_for_completion", true)) {
    const answer = task.perform();
    return jsonReply(renderByQuery(answer, false), failureStatus(answer.failures));
  }
  const { node, opaqueId } = request;
  const number = cluster.identifiers.taskNumber();
  const startedMs = cluster.entropy.nowMs();
  const { status, ...result } = outcomeOf(task);
  const id = `${node.id}:${number}`;
  const whole = {
    completed: true,
    task: {
      node: node.id,
      id: number,
      type: "transport",
      action: task.action,
      status,
      description: task.description,
      start_time_in_millis: startedMs,
      running_time_in_nanos: Math.round((performance.now() - request.startedMs) * 1e6),
      cancellable: true,
      cancelled: false,
      headers: opaqueId === undefined ? {} : { "X-Opaque-Id": opaqueId },
    },
    ...result,
  };
  const results = cluster.objects.taskResults;
  const [oldest] = results.keys();
  if (oldest !== undefined && results.size >= mostResults) results.delete(oldest);
  results.set(id, jsonText(whole));
  return jsonReply({ task: id });
}

/** A task shows all counts, whatever it did. */
const shows: ByQueryAnswer["shows"] = new Set(["updated", "created"]);

function outcomeOf({ perform }: ByQueryTask): Readonly<Record<string, unknown>> {
  try {
    const answer = { ...perform(), shows };
    return { status: countsOf(answer, false), response: renderByQuery(answer, true) };
  } catch (error) {
    if (!(error instanceof EsError) || early.has(error.type) || isRefusal(error)) throw error;
    const nothing = { status: newStatus(), slices: [], failures: [], tookMs: 0 };
    const status = countsOf({ ...nothing, requestsPerSecond: Infinity, shows }, false);
    return { status, error: error.toCause() };
  }
}

/** ` updated with Script{…}`, as descriptions have it. */
export function scriptDescription(given: unknown, script: Script | undefined): string {
  if (script === undefined) return "";
  const stored = isObject(given) ? given["id"] : undefined;
  const [type, code] = stored === undefined ? ["inline", script.source] : ["stored", stored];
  const lang = stored === undefined ? "'painless'" : "null";
  return ` updated with Script{type=${type}, lang=${lang}, idOrCode='${textOf(code)}', options=${stored === undefined ? "{}" : "null"}, params=${javaText(script.params)}}`;
}

/** A JSON value as Java's maps and lists print themselves. */
function javaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(", ")}]`;
  if (!isObject(value)) return textOf(value);
  const entries = Object.entries(value).map(([key, own]) => `${key}=${javaText(own)}`);
  return `{${entries.join(", ")}}`;
}
