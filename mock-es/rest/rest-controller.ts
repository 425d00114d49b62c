import { EsError, type EsErrorBody, validationFailed } from "../es-error.ts";
import type { Cluster } from "../store/cluster.ts";
import { acceptedParameters } from "./accepted-parameters.ts";
import type { Caller } from "../security/caller.ts";
import type { RequestAccess } from "../store/request-access.ts";
import { authorize, type WantedAccess } from "./authorization.ts";
import { jsonReply, textReply, type EsReply, type EsRequest } from "./es-request.ts";
import { BareRefusal } from "./media-type.ts";
import { completeError } from "./error-completion.ts";
import { bodyText } from "../json/json-body.ts";
import { nearestRoute } from "./nearest-route.ts";
import { readFirst } from "./first-reading.ts";
import { checkParameters } from "./parameter-checks.ts";
import { parseQueryString, type QueryParameters } from "./query-parameters.ts";
import { isRefusedApi } from "./refused-apis.ts";
import type { Route } from "./route.ts";
import { createRouter, type Router } from "./router.ts";
import { warningHeader } from "./warning.ts";
import { refuseUnrecognizedParameters } from "./unrecognized-parameters.ts";

/** A request before routing. */
export type RawRequest = Pick<
  EsRequest,
  | "node"
  | "method"
  | "target"
  | "body"
  | "contentType"
  | "startedMs"
  | "opaqueId"
  | "prefersJson"
  | "caller"
  | "accept"
  | "failBulkItem"
>;

/** An answer with the query parameters that shape it. */
export interface RoutedReply {
  readonly reply: EsReply;
  readonly query: QueryParameters;
  /** Name of the API endpoint, `undefined` when none was matched. */
  readonly apiEndpoint: string | undefined;
}

/** Told about every request that no API endpoint takes. */
export type UnmatchedListener = (
  method: string,
  target: string,
  reason: string,
  nearestRoute: string,
) => void;

const noQuery = parseQueryString("");

/**
 * Routes requests to the handlers of the API endpoints and turns everything that goes wrong into
 * Elasticsearch's answer.
 */
export class RestController {
  readonly #routes: readonly Route[];
  readonly #router: Router;
  readonly #cluster: Cluster;
  readonly #onUnmatched: UnmatchedListener;
  readonly #accepted = new Map<string, ReadonlySet<string>>();

  constructor(routes: readonly Route[], cluster: Cluster, onUnmatched: UnmatchedListener) {
    this.#routes = routes;
    this.#router = createRouter(routes);
    this.#cluster = cluster;
    this.#onUnmatched = onUnmatched;
    for (const route of routes)
      this.#accepted.set(route.apiEndpoint, acceptedParameters(route.apiEndpoint));
  }

  /**
   * Answers a request. Never throws for bad input; an unexpected exception becomes a 500 in
   * Elasticsearch's shape.
   */
  answer(raw: RawRequest): RoutedReply {
    let query = noQuery;
    let apiEndpoint: string | undefined;
    try {
      const mark = raw.target.indexOf("?");
      const path = mark === -1 ? raw.target : raw.target.slice(0, mark);
      if (mark !== -1) query = parseQueryString(raw.target.slice(mark + 1));
      const match = this.#router.match(raw.method, path);
      if (match.kind !== "matched" || this.#isRefused(raw.method, path)) {
        return {
          reply: this.#unmatched(raw, path, match.kind === "wrong-method" ? match.allowed : []),
          query,
          apiEndpoint,
        };
      }
      const { route, pathParameters } = match;
      ({ apiEndpoint } = route);
      const accepted = this.#accepted.get(apiEndpoint);
      if (query.size > 0 && accepted !== undefined) {
        refuseUnrecognizedParameters(path, query, accepted);
        checkParameters(apiEndpoint, path, query);
      }
      const body = bodyOf(raw, query, route, path);
      const request: EsRequest = {
        node: raw.node,
        method: raw.method,
        target: raw.target,
        path,
        pathParameters,
        query,
        body,
        contentType: raw.contentType,
        startedMs: raw.startedMs,
        opaqueId: raw.opaqueId,
        prefersJson: raw.prefersJson,
        caller: raw.caller,
        accept: raw.accept,
        failBulkItem: raw.failBulkItem,
      };
      checkShaping(query);
      const access =
        raw.caller === undefined
          ? undefined
          : this.#accessOf(raw.caller, request, {
              route,
              pathParameters,
              query,
              indices: route.indicesIn?.(request),
              hasPointInTime: apiEndpoint === "search" && body.includes('"pit"'),
            });
      const reply = this.#cluster.answerWithin(access, () => route.handler(request, this.#cluster));
      return {
        reply: query.has("ignore_throttled") ? this.#warned(reply) : reply,
        query,
        apiEndpoint,
      };
    } catch (error) {
      const complete =
        error instanceof EsError ? completeError(error, this.#cluster, bodyText(raw.body)) : error;
      return { reply: errorReply(complete, query), query, apiEndpoint };
    }
  }

  /** @throws {EsError} 403, or what is wrong with the request, which is told before */
  #accessOf(caller: Caller, request: EsRequest, wanted: WantedAccess): RequestAccess {
    try {
      return authorize(this.#cluster, caller, wanted);
    } catch (error) {
      readFirst(wanted.route, request, this.#cluster);
      throw error;
    }
  }

  /** True for a request that some route takes. */
  hasRoute(method: string, target: string): boolean {
    const [path = ""] = target.split("?", 1);
    return this.#router.match(method, path).kind === "matched" && !this.#isRefused(method, path);
  }

  /** `ignore_throttled` is the one parameter that search endpoints still take and warn about. */
  #warned(reply: EsReply): EsReply {
    const message =
      "[ignore_throttled] parameter is deprecated because frozen indices have been " +
      "deprecated. Consider cold or frozen tiers in place of frozen indices.";
    return {
      ...reply,
      headers: [...(reply.headers ?? []), ...warningHeader(this.#cluster, message)],
    };
  }

  #isRefused(method: string, path: string): boolean {
    return isRefusedApi(method, path, this.#cluster.security !== undefined);
  }

  #unmatched(raw: RawRequest, path: string, allowed: readonly string[]): EsReply {
    const uri = raw.target;
    if (raw.method === "OPTIONS") {
      return {
        ...textReply(""),
        headers: allowed.length > 0 ? ["Allow", allowed.join(",")] : undefined,
      };
    }
    if (allowed.length > 0 && !this.#isRefused(raw.method, path)) {
      const reason = `Incorrect HTTP method for uri [${uri}] and method [${raw.method}], allowed: [${allowed.join(", ")}]`;
      this.#onUnmatched(raw.method, raw.target, reason, nearestRoute(this.#routes, path));
      return jsonReply({ error: reason, status: 405 }, 405, ["Allow", allowed.join(",")]);
    }
    const reason = `no handler found for uri [${uri}] and method [${raw.method}]`;
    this.#onUnmatched(raw.method, raw.target, reason, nearestRoute(this.#routes, path));
    return jsonReply({ error: reason }, 400);
  }
}

/** The body of a request; `source` stands in for one that is not there. */
function bodyOf(raw: RawRequest, query: QueryParameters, route: Route, path: string): Buffer {
  const given = query.text("source");
  const body =
    raw.body.length === 0 && given !== undefined && route.body !== "none"
      ? Buffer.from(given)
      : raw.body;
  if (body.length > 0 && route.body === "none") {
    throw new EsError(
      400,
      "illegal_argument_exception",
      `request [${raw.method} ${path}] does not support having a body`,
    );
  }
  if (body.length === 0 && route.body === "required") {
    const takesSource = acceptsSource.has(route.apiEndpoint);
    if (route.apiEndpoint === "update") throw validationFailed("script or doc is missing");
    throw new EsError(
      400,
      "parse_exception",
      `request body ${takesSource ? "or source parameter " : ""}is required`,
    );
  }
  return body;
}

/** Reads what says how an answer looks, before there is one. @throws {EsError} 400 */
function checkShaping(query: QueryParameters): void {
  const trace = query.text("error_trace") ?? "";
  if (!["", "true", "false"].includes(trace))
    throw new BareRefusal(
      400,
      `Failed to parse value [${trace}] as only [true] or [false] are allowed.`,
    );
  query.flag("human", false);
  query.flag("pretty", false);
}

/** API endpoints whose refusal of a missing body names the parameter that can stand in for it. */
const acceptsSource: ReadonlySet<string> = new Set([
  "mget",
  "msearch",
  "explain",
  "indices.analyze",
  "terms_enum",
  "security.has_privileges",
]);

/** The answer to an exception. */
export function errorReply(error: unknown, query: QueryParameters): EsReply {
  if (error instanceof BareRefusal)
    return jsonReply({ error: error.message, status: error.status }, error.status);
  if (error instanceof EsError) {
    const hidesSource = query.text("include_source_on_error") === "false";
    const body = hidesSource ? withoutSource(error.toBody()) : error.toBody();
    if (!query.has("error_trace") || query.text("error_trace") === "false")
      return jsonReply(body, error.status);
    const trace = { ...body.error, stack_trace: error.stack ?? "" };
    return jsonReply({ ...body, error: trace }, error.status);
  }
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return jsonReply(
    new EsError(500, "mock_es_internal_error", `a defect of mock-es: ${reason}`).toBody(),
    500,
  );
}

const redacted = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";

/** An error that does not show the document in which it was found. */
function withoutSource(body: EsErrorBody): EsErrorBody {
  return JSON.parse(JSON.stringify(body), (_key, value: unknown) =>
    typeof value === "string"
      ? value.replace(
          /\[Source: \(byte\[\]\).*(; line: \d+, column: \d+\])$/s,
          `[Source: ${redacted}$1`,
        )
      : value,
  ) as EsErrorBody;
}
