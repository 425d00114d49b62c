/** Grants of several roles as the server puts them together. */
import { inHashOrder, inHashOrderOfSets } from "../text/hash-order.ts";
import { isPatternCovered } from "./covered-names.ts";
import type { FieldGrant } from "./granted-parts.ts";
import type { ApplicationGrant, IndexGrant, RoleDescriptor } from "./role-descriptor.ts";

/** What roles together grant on the same names. */
export interface MergedGrant {
  readonly names: readonly string[];
  readonly privileges: readonly string[];
  /** `undefined`: all fields. */
  readonly fields: readonly FieldGrant[] | undefined;
  /** As JSON texts. `undefined`: all documents. */
  readonly queries: readonly string[] | undefined;
  readonly isUnrestricted: boolean;
  /** Of other clusters: those that it is about. */
  readonly clusters?: readonly string[];
}

/** An index grant, or one on indices of other clusters. */
type AnyGrant = IndexGrant & { readonly clusters?: readonly string[] };

const inOrder = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** All grants of roles on indices, those with the same names as one, in the server's order. */
export function mergedGrants(roles: readonly RoleDescriptor[]): MergedGrant[] {
  return merge(roles.flatMap(({ indices }) => indices));
}

/** As {@link mergedGrants} of any grants. */
export function merge(grants: readonly AnyGrant[]): MergedGrant[] {
  const groups = [
    ...Map.groupBy(grants, ({ names, clusters, allow_restricted_indices: isUnrestricted }) =>
      JSON.stringify([isUnrestricted, inOrder(names), inOrder(clusters ?? [])]),
    ).values(),
  ]
    .map(together)
    // Of those in one bucket the last one comes first.
    .toReversed();
  return [false, true].flatMap((isUnrestricted) =>
    inHashOrderOfSets(
      groups.filter((group) => group.isUnrestricted === isUnrestricted),
      ({ names }) => names,
    ),
  );
}

function together(grants: readonly AnyGrant[]): MergedGrant {
  const [first] = grants;
  const queries = grants.flatMap(({ query }) => query ?? []);
  const fields = grants.flatMap(({ field_security: granted }) => granted ?? []);
  return {
    names: inOrder(first?.names ?? []),
    privileges: inOrder(
      grants.flatMap(({ privileges }) => privileges.map((name) => name.toLowerCase())),
    ),
    fields: fields.length < grants.length ? undefined : fields,
    queries: queries.length < grants.length ? undefined : queries,
    isUnrestricted: first?.allow_restricted_indices === true,
    ...(first?.clusters === undefined ? {} : { clusters: inOrder(first.clusters) }),
  };
}

/** True for a grant of all in an application, whose resources are told of all grants in it. */
function isWhole({ application, privileges }: ApplicationGrant, wanted: string): boolean {
  return privileges.includes("*") && isPatternCovered(wanted, [application]);
}

/** All grants of roles in applications, those of the same resources as one. */
export function mergedApplications(roles: readonly RoleDescriptor[]): ApplicationGrant[] {
  const grants = roles.flatMap(({ applications }) => applications);
  const groups = Map.groupBy(grants, ({ application, resources }) =>
    JSON.stringify([application, inOrder(resources)]),
  );
  const merged = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const privileges = inOrder(group.flatMap((grant) => grant.privileges));
    const { application, resources } = first;
    const more = grants.filter((grant) => isWhole(grant, application));
    const all = [resources, ...more.map((grant) => grant.resources)].flat();
    return [{ application, privileges, resources: inOrder(all) }];
  });
  const names = [...new Set(merged.map(({ application }) => application))];
  return inHashOrder(names).flatMap((name) =>
    merged.filter(({ application }) => application === name),
  );
}
