/** Whether the caller may change aliases. */
import { EsError } from "../es-error.ts";
import type { Cluster } from "../store/cluster.ts";
import { grantedNames } from "../store/granted-names.ts";

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
  const problems = read.flatMap(({ indices, names }) => {
    try {
      checkChange(cluster, indices.join(","), names.filter(isPlainName));
      return [];
    } catch (error) {
      if (error instanceof EsError) return [error];
      throw error;
    }
  });
  const first = problems.find(({ status }) => status === 404) ?? problems[0];
  if (first !== undefined) throw first;
}
