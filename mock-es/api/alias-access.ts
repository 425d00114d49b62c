/** Whether the caller may change aliases. */
import { EsError } from "../es-error.ts";
import type { Cluster } from "../store/cluster.ts";
import { grantedNames } from "../store/granted-names.ts";
import type { RequestAccess } from "../store/request-access.ts";

import { isPlainName } from "./alias-names.ts";
import { metadataOptions } from "./indices.ts";

/** How indices are named of which aliases are changed. */
const changedIndices = { ...metadataOptions, allowAliases: false, allowNoIndices: false };

/** @throws {EsError} 403, and 404 where patterns lead to nothing, before aliases are looked at */
export function checkChange(
  cluster: Cluster,
  expression: string | undefined,
  names: readonly string[],
): void {
  const { access } = cluster;
  if (access === undefined) return;
  grantedNames(cluster, access, expression, changedIndices);
  access.checkAliases(names);
}

/** Of all changes what leads to nothing is told first, then what is not granted. */
export function checkChanges(
  cluster: Cluster,
  read: readonly { readonly indices: readonly string[]; readonly names: readonly string[] }[],
): void {
  const { access } = cluster;
  if (access === undefined) return;
  const { action = "" } = access;
  if (access.caller.permission.allowsSomeIndex(action))
    for (const { indices } of read) refuseNothing(cluster, access, indices.join(","));
  access.checkNames(read.flatMap(({ indices }) => indices));
  for (const { indices, names } of read)
    checkChange(cluster, indices.join(","), names.filter(isPlainName));
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
