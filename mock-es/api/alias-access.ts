/** Whether the caller may change aliases. */
import { EsError } from "../es-error.ts";
import { aliasDenied } from "../security/denial.ts";
import type { Cluster } from "../store/cluster.ts";
import { grantedNames } from "../store/granted-names.ts";
import { refuseExposure } from "../store/index-view.ts";
import type { RequestAccess } from "../store/request-access.ts";

import { isPlainName } from "./alias-names.ts";
import { metadataOptions } from "./indices.ts";

/** How indices are named of which aliases are changed. */
const changedIndices = {
  ...metadataOptions,
  expandClosed: false,
  allowAliases: false,
  allowNoIndices: false,
};

/**
 * @returns the indices that are changed
 * @throws {EsError} 403, and 404 where patterns lead to nothing, before aliases are looked at
 */
export function checkChange(
  cluster: Cluster,
  expression: string | undefined,
  names: readonly string[],
): readonly string[] {
  const { access } = cluster;
  if (access === undefined) return [];
  const indices = grantedNames(cluster, access, expression, changedIndices);
  access.checkAliases(names);
  return indices;
}

/** An alias of a few indices. */
interface Addition {
  readonly indices: readonly string[];
  readonly names: readonly string[];
}

/** @throws {EsError} 400 where an alias would show more of an index, 403 where more may be done */
export function checkAdditions(cluster: Cluster, additions: readonly Addition[]): void {
  const { access } = cluster;
  if (access === undefined) return;
  const { action = "", caller } = access;
  for (const name of additions.flatMap(({ indices }) => indices))
    refuseExposure(cluster, cluster.indices.get(name), action, ofPart);
  for (const { indices, names } of additions)
    for (const index of indices)
      if (!names.every((name) => caller.permission.allowsNoMoreOn(name, index)))
        throw aliasDenied();
}

const ofPart =
  "Alias requests are not allowed for users who have field or document level security enabled on one of the indices";

/** Of all changes what leads to nothing is told first, then what is not granted. */
export function checkChanges(
  cluster: Cluster,
  read: readonly (Addition & { readonly kind: string })[],
): void {
  const { access } = cluster;
  if (access === undefined) return;
  const { action = "" } = access;
  if (access.caller.permission.allowsSomeIndex(action))
    for (const { indices } of read) refuseNothing(cluster, access, indices.join(","));
  access.checkNames(read.flatMap(({ indices }) => indices));
  const changed = read.map(({ kind, indices, names }) => {
    const found = checkChange(cluster, indices.join(","), names.filter(isPlainName));
    return { isAddition: kind === "add", indices: found, names };
  });
  checkAdditions(
    cluster,
    changed.filter(({ isAddition }) => isAddition),
  );
}

/** @throws {EsError} 404 for patterns that lead to nothing, whatever may be done with the others */
function refuseNothing(cluster: Cluster, access: RequestAccess, expression: string): void {
  try {
    grantedNames(cluster, access, expression, changedIndices);
  } catch (error) {
    if (error instanceof EsError && error.status !== 404) return;
    throw error;
  }
}
