import type { Cluster } from "../store/cluster.ts";
import type { EsReply, EsRequest } from "./es-request.ts";

/**
 * Answers one request. Runs to its end without waiting, so that every request sees the store of one
 * moment.
 */
export type RouteHandler = (request: EsRequest, cluster: Cluster) => EsReply;

/** Whether a request to the API endpoint may, must or must not have a body. */
export type BodyRule = "none" | "optional" | "required";

/** One path of an API endpoint. */
export interface Route {
  /** Name of the API endpoint as in the official clients, for example `indices.create`. */
  readonly apiEndpoint: string;
  readonly methods: readonly string[];
  /** Path with placeholders, for example `/{index}/_doc/{id}`. */
  readonly path: string;
  readonly body: BodyRule;
  readonly handler: RouteHandler;
  /** Reads what a caller sends who may not: what is wrong is told first. @default nothing is */
  readonly check?: (request: EsRequest, cluster: Cluster) => void;
  /** Indices that stand elsewhere than in the path. @default none do */
  readonly indicesIn?: (request: EsRequest) => string | undefined;
}

/** The routes of one API endpoint; each path is written `METHOD,METHOD /path/{placeholder}`. */
export function routesOf(
  apiEndpoint: string,
  body: BodyRule,
  paths: readonly string[],
  handler: RouteHandler,
  check?: Route["check"],
): readonly Route[] {
  return paths.map((line) => {
    const space = line.indexOf(" ");
    return {
      apiEndpoint,
      methods: line.slice(0, space).split(","),
      path: line.slice(space + 1),
      body,
      handler,
      ...(check === undefined ? {} : { check }),
    };
  });
}
