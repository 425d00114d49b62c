/** Decides whether the caller of a request may send it. */
import { EsError, notSupported } from "../es-error.ts";
import type { Caller } from "../security/caller.ts";
import { isClusterAction } from "../security/cluster-privileges.ts";
import { actionDenied, runAsDenied } from "../security/denial.ts";
import type { Cluster } from "../store/cluster.ts";
import { grantedNames } from "../store/granted-names.ts";
import { searchIndexOptions } from "../store/index-expression.ts";
import { refusePatterns, RequestAccess } from "../store/request-access.ts";
import { type EndpointActions, endpointActions } from "./endpoint-actions.ts";
import { readIndexOptions } from "./index-options.ts";
import type { QueryParameters } from "./query-parameters.ts";
import type { Route } from "./route.ts";

/** A request as far as it matters for privileges. */
export interface WantedAccess {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: QueryParameters;
  /** Names that stand instead of those in the path. */
  readonly indices: string | undefined;
  /** The body may name a point in time, which says what is read. */
  readonly hasPointInTime: boolean;
}

/**
 * What a caller may touch with a request.
 *
 * @throws {EsError} 403 in the server's words when an action is not granted
 */
export function authorize(cluster: Cluster, caller: Caller, wanted: WantedAccess): RequestAccess {
  const { apiEndpoint } = wanted.route;
  const needed = endpointActions(apiEndpoint);
  if (needed === undefined) throw notSupported(`[${apiEndpoint}] with security`);
  const { permission, runAs } = caller;
  const { anywhere, itemAction } = needed;
  // Only columns are told then.
  if (apiEndpoint.startsWith("cat.") && wanted.query.flag("help", false))
    return new RequestAccess(cluster, caller, undefined);
  const actions = isOfCluster(wanted) ? ["cluster:admin/analyze"] : needed.actions;
  const isUnknown = runAs !== undefined && cluster.security?.users.find(runAs) === undefined;
  if (runAs !== undefined && (isUnknown || !caller.ownPermission.mayRunAs(runAs)))
    throw together(
      (asksAtOnce.has(apiEndpoint) ? actions : [nameOf(wanted, needed)]).map((action) =>
        runAsDenied(caller, action),
      ),
    );
  if (anywhere !== undefined && !permission.allowsSomeIndex(anywhere))
    throw actionDenied(caller, anywhere, isSingleWrite.has(apiEndpoint) ? namesOf(wanted) : []);
  const access = new RequestAccess(cluster, caller, itemAction);
  const denied: EsError[] = [];
  for (const action of actions) {
    try {
      if (isClusterAction(action)) access.requireCluster(action);
      else checkIndices(cluster, access, action, wanted);
    } catch (error) {
      if (!(error instanceof EsError) || !asksAtOnce.has(apiEndpoint)) throw error;
      denied.push(error);
    }
  }
  if (denied.length > 0) throw together(denied);
  return access;
}

/** API endpoints whose actions the server asks for at once, so that they fail at once. */
const asksAtOnce: ReadonlySet<string> = new Set(["cat.indices", "cat.nodes"]);

/** The first of some failures, which carries the others. */
function together([first, ...others]: readonly EsError[]): EsError {
  const suppressed = others
    .filter(({ reason }) => !reason.startsWith("action [cluster:monitor/health]"))
    .map((error) => error.toCause());
  const { status, type, reason } = first ?? notSupported("an action without a name");
  return new EsError(status, type, reason, suppressed.length === 0 ? {} : { suppressed });
}

function nameOf(wanted: WantedAccess, { name }: EndpointActions): string {
  if (isOfCluster(wanted)) return "cluster:admin/analyze";
  return wanted.pathParameters["scroll_id"] === "_all"
    ? "cluster:admin/indices/scroll/clear_all"
    : name;
}

/** An analysis without an index is one of the cluster. */
function isOfCluster(wanted: WantedAccess): boolean {
  return wanted.route.apiEndpoint === "indices.analyze" && namesOf(wanted).length === 0;
}

function checkIndices(
  cluster: Cluster,
  access: RequestAccess,
  action: string,
  wanted: WantedAccess,
): void {
  const { route, query } = wanted;
  const { permission } = access.caller;
  const names = namesOf(wanted);
  if (readsClusters.has(route.apiEndpoint)) {
    const { name } = wanted.pathParameters;
    if (route.apiEndpoint === "indices.resolve_cluster" && !permission.allowsSomeIndex(action))
      throw actionDenied(
        access.caller,
        action,
        /\*|^_all$/.test(name ?? "") ? [] : name?.split(","),
      );
    // Where other clusters can be named, names are read before anything is asked.
    const options = readIndexOptions(query, searchIndexOptions);
    if (!wanted.hasPointInTime) grantedNames(cluster, access, names.join(), options);
    return;
  }
  if (!permission.allowsSomeIndex(action)) throw actionDenied(access.caller, action, names);
  if (takesOneIndex.has(route.apiEndpoint)) {
    const name = names.join();
    refusePatterns(action, name);
    access.check([name], action);
    return;
  }
  // What is not there or not granted is left out then.
  const leavesOut =
    query.text("ignore_unavailable") === "true" ||
    (route.apiEndpoint === "search_shards" && !query.has("ignore_unavailable")) ||
    (action === "indices:monitor/stats" && route.apiEndpoint === "cat.indices");
  // What patterns lead to is asked for when they are read.
  if (leavesOut || names.some((name) => /[*<]/.test(name)) || names.join() === "_all") return;
  access.check(
    names.filter((name) => !name.startsWith("-")),
    action,
  );
}

/** API endpoints that take indices of other clusters. */
const readsClusters: ReadonlySet<string> = new Set([
  "async_search.submit",
  "cat.count",
  "count",
  "field_caps",
  "indices.resolve_cluster",
  "indices.resolve_index",
  "open_point_in_time",
  "search",
  "terms_enum",
]);

/** API endpoints whose index is named although the action is asked for on any index first. */
const isSingleWrite: ReadonlySet<string> = new Set([
  "index",
  "create",
  "delete",
  "simulate.ingest",
]);

/** API endpoints of one index, whose name stands as it is. */
const takesOneIndex: ReadonlySet<string> = new Set([
  "exists",
  "exists_source",
  "explain",
  "get",
  "get_source",
  "indices.analyze",
  "indices.clone",
  "indices.create",
  "indices.rollover",
  "indices.shrink",
  "indices.split",
  "termvectors",
  "update",
]);

/** API endpoints whose indices stand in another place of the path than `{index}`. */
const placeOfIndices: Readonly<Record<string, string>> = {
  "indices.create_data_stream": "name",
  "indices.get_data_stream": "name",
  "indices.data_streams_stats": "name",
  "indices.delete_data_stream": "name",
  "indices.resolve_index": "name",
  "indices.rollover": "alias",
};

function namesOf({ route, pathParameters, query, indices }: WantedAccess): string[] {
  const place = placeOfIndices[route.apiEndpoint] ?? "index";
  const byQuery = takesIndexParameter.has(route.apiEndpoint) ? query.text("index") : undefined;
  const text = indices ?? pathParameters[place] ?? byQuery ?? "";
  const isOne = takesOneIndex.has(route.apiEndpoint) || isSingleWrite.has(route.apiEndpoint);
  if (isOne && text !== "") return [text];
  return text.split(",").filter((name) => name !== "");
}

const takesIndexParameter: ReadonlySet<string> = new Set([
  "indices.analyze",
  "indices.clear_cache",
  "cat.recovery",
]);
