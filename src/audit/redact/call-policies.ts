/** What is done with the body of a call, by its API endpoint and its direction. */
import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import { mayNameInBody } from "../../elasticsearch/api/naming-bodies.ts";
import { bodyPolicies } from "./body-policies.ts";
import { isBinary, watchedForm } from "./hidden-names.ts";
import { mayNameSecretIndex, secretIndexPolicy } from "./secret-indices.ts";
import type { NameWatch } from "./watched-body.ts";

/** The direction of a body. */
export type BodyDirection = "request" | "response";

/** Nothing is looked for. */
export const documents = "-";
/** Nothing is stored. */
export const hidden = "hide";
/** Answers that report an error repeat parts of the request, whatever was asked. */
export const errorPolicy = "names pairs keys";
/** A call that the endpoint table does not know. */
const unknownPolicy = "names pairs +headers +slack>url +chime>url";
/** Calls that name indices in their bodies, read, and understand wildcards there. */
const wildcardBodies: ReadonlySet<string> = new Set(
  `msearch msearch_template fleet.msearch esql.query esql.async_query sql.query
  scripts_painless_execute ml.evaluate_data_frame`.split(/\s+/),
);
/** Calls whose answer holds values without the names of their fields. */
const namelessValues: ReadonlySet<string> = new Set(
  `terms_enum termvectors mtermvectors esql.query esql.async_query esql.async_query_get
  esql.async_query_stop sql.query sql.get_async search_mvt graph.explore
  scripts_painless_execute ml.evaluate_data_frame text_structure.find_field_structure`.split(/\s+/),
);

interface Policy {
  readonly request: string;
  readonly response: string;
}

const policies = new Map<string, Policy>(
  bodyPolicies.flatMap(({ request, answer, endpoints }) =>
    endpoints.split(/\s+/).map((name): [string, Policy] => [name, { request, response: answer }]),
  ),
);

/** Whether an answer may hold documents; those of a bulk may, of updates with `_source`. */
function mayHoldDocuments({ endpoint }: ApiMatch): boolean {
  return endpoint.class === "read" || endpoint.class === "write";
}

/** Whether the target of a call names indices. A long list is not split for the answer. */
export function namesIndices(match: ApiMatch): boolean {
  return match.longList !== "" || match.indices.length > 0;
}

/** Whether the body of a request may name an index of its own. */
export function mayNameAnyIndex({ endpoint }: ApiMatch): boolean {
  return mayNameInBody(endpoint);
}

/** How the names of indices are looked for in a body of documents; `undefined`: it has none. */
export function watchOf(
  match: ApiMatch,
  direction: BodyDirection,
  contentType: string | undefined,
): NameWatch | undefined {
  const isAnswer = direction === "response";
  if (!(isAnswer ? mayHoldDocuments(match) : mayNameAnyIndex(match))) return undefined;
  const form = watchedForm(contentType);
  const { name } = match.endpoint;
  // An alias that the path names stands for an index that only the members `_index` tell.
  if (isAnswer)
    return { names: namesIndices(match) ? "members" : "answer", wildcards: "none", form };
  if (!wildcardBodies.has(name)) return { names: "request", wildcards: "none", form };
  // In a query of ES|QL or SQL, what stands before a name is text in any format.
  const isText = !isBinary(form) || namelessValues.has(name);
  return { names: "request", wildcards: isText ? "text" : "binary", form };
}

/** Whether an answer holds values without the names of their fields, and no others. */
export function hasNamelessValues({ endpoint }: ApiMatch): boolean {
  return namelessValues.has(endpoint.name);
}

export function policyOf(
  match: ApiMatch,
  direction: BodyDirection,
  status: number,
  asksForCredentials: boolean,
): string {
  const { endpoint } = match;
  const policy = policies.get(endpoint.name)?.[direction];
  if (policy !== documents) {
    const settings = policy ?? (endpoint.class === "security" ? hidden : unknownPolicy);
    return status < 400 || settings === hidden ? settings : `${settings} errors`;
  }
  if (status >= 400) return errorPolicy;
  if (!asksForCredentials && !mayNameSecretIndex(match)) return documents;
  return namelessValues.has(endpoint.name) ? hidden : secretIndexPolicy;
}
