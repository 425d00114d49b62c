/** Decides whether the caller of a request may send it. */
import { EsError, notSupported } from "../es-error.ts";
import type { Caller } from "../security/caller.ts";
import { isClusterAction } from "../security/cluster-privileges.ts";
import { actionDenied, runAsDenied } from "../security/denial.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveDateMath } from "../store/index-expression.ts";
import { RequestAccess } from "../store/request-access.ts";
import { endpointActions } from "./endpoint-actions.ts";
import type { QueryParameters } from "./query-parameters.ts";
import type { Route } from "./route.ts";

/** A request as far as it matters for privileges. */
export interface WantedAccess {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: QueryParameters;
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
  const { actions, anywhere, itemAction } = needed;
  const first = anywhere ?? actions[0] ?? "cluster:admin/xpack/security/user/authenticate";
  const isUnknown = runAs !== undefined && cluster.security?.users.find(runAs) === undefined;
  if (runAs !== undefined && (isUnknown || !caller.ownPermission.mayRunAs(runAs)))
    throw runAsDenied(caller, first);
  if (anywhere !== undefined && !permission.allowsSomeIndex(anywhere))
    throw actionDenied(caller, anywhere, isSingleWrite.has(apiEndpoint) ? namesOf(wanted) : []);
  const access = new RequestAccess(cluster.indices, caller, itemAction);
  const denied: EsError[] = [];
  for (const action of actions) {
    try {
      if (isClusterAction(action)) access.requireCluster(action);
      else checkIndices(cluster, access, action, wanted);
    } catch (error) {
      if (!(error instanceof EsError) || apiEndpoint !== "cat.indices") throw error;
      denied.push(error);
    }
  }
  const [denial, ...others] = denied;
  if (denial !== undefined) {
    // What the server asks for at once fails at once; one failure carries the others.
    const suppressed = others
      .filter(({ reason }) => !reason.startsWith("action [cluster:monitor/health]"))
      .map((error) => error.toCause());
    throw new EsError(
      denial.status,
      denial.type,
      denial.reason,
      suppressed.length === 0 ? {} : { suppressed },
    );
  }
  return access;
}

function checkIndices(
  cluster: Cluster,
  access: RequestAccess,
  action: string,
  wanted: WantedAccess,
): void {
  const names = namesOf(wanted);
  // The server takes patterns that lead to nothing out of the request, but not where they delete.
  const isDeletion = wanted.route.apiEndpoint === "indices.delete";
  if (!access.caller.permission.allowsSomeIndex(action))
    throw actionDenied(
      access.caller,
      action,
      isDeletion ? names : names.filter((name) => !isPattern(name)),
    );
  // What is not there or not granted is left out then.
  if (wanted.query.text("ignore_unavailable") === "true") return;
  const firstPattern = names.findIndex(isPattern);
  const explicit = names.filter(
    (name, at) => !isPattern(name) && !(firstPattern !== -1 && at > firstPattern && isMinus(name)),
  );
  access.check(
    explicit.map((name) => resolveDateMath(cluster, name)),
    action,
  );
}

/** API endpoints whose index is named although the action is asked for on any index first. */
const isSingleWrite: ReadonlySet<string> = new Set(["index", "create", "delete"]);

function isPattern(name: string): boolean {
  return name === "_all" || name.includes("*");
}

function isMinus(name: string): boolean {
  return name.startsWith("-");
}

/** API endpoints whose indices stand in another place of the path than `{index}`. */
const placeOfIndices: Readonly<Record<string, string>> = {
  "indices.create_data_stream": "name",
  "indices.get_data_stream": "name",
  "indices.data_streams_stats": "name",
  "indices.delete_data_stream": "name",
  "indices.resolve_index": "name",
  "indices.rollover": "alias",
};

function namesOf({ route, pathParameters, query }: WantedAccess): string[] {
  const place = placeOfIndices[route.apiEndpoint] ?? "index";
  const byQuery = takesIndexParameter.has(route.apiEndpoint) ? query.text("index") : undefined;
  const text = pathParameters[place] ?? byQuery ?? "";
  return text.split(",").filter((name) => name !== "");
}

const takesIndexParameter: ReadonlySet<string> = new Set([
  "indices.analyze",
  "indices.clear_cache",
  "cat.recovery",
]);
