/** Which aliases an action takes away, and what is told where they are not there. */
import { EsError } from "../es-error.ts";
import type { Cluster } from "../store/cluster.ts";
import { isPlainName, isWanted } from "./alias-names.ts";
import type { AliasTargets } from "./alias-targets.ts";
import { inHashOrder } from "../text/hash-order.ts";

type AliasOwner = AliasTargets["indices"][number] | AliasTargets["streams"][number];

/** An alias of an index or data stream that is taken away. */
export interface AliasRemoval {
  readonly owner: AliasOwner;
  readonly alias: string;
}

/**
 * The aliases of some names and patterns that are there now.
 *
 * @param mustExist names that are not there are among them, and patterns that fit nothing
 */
export function removalsOf(
  cluster: Cluster,
  { indices, streams }: AliasTargets,
  names: readonly string[],
  mustExist: boolean,
): AliasRemoval[] {
  const { access } = cluster;
  const aliasesOf = (owner: AliasOwner, wanted: readonly string[]): string[] =>
    [...owner.aliases.keys()].filter(
      (alias) => isWanted(alias, wanted) && (access?.allows(alias) ?? true),
    );
  return [...indices, ...streams].flatMap((owner) => {
    const awaited = names.flatMap((name) => {
      const found = isPlainName(name) ? [] : aliasesOf(owner, [name]);
      return found.length === 0 ? [name] : found;
    });
    const aliases = mustExist ? [...new Set(awaited)] : aliasesOf(owner, names);
    return aliases.map((alias) => ({ owner, alias }));
  });
}

/** @throws {EsError} 404 for one that has to be there and is not */
export function removeAliases(
  cluster: Cluster,
  removals: readonly AliasRemoval[],
  mustExist: boolean,
): void {
  for (const { owner, alias } of removals) {
    if (mustExist && !owner.aliases.has(alias)) throw noSuchAliases([alias]);
    cluster.removeAlias(owner, alias);
  }
}

/** The refusal of aliases of which none is there. */
export function noSuchAliases(names: readonly string[]): EsError {
  const { type, reason, ...resource } = missingAliases(names);
  return new EsError(404, type, reason, resource);
}

/** What is told of aliases of which none is there. */
export function missingAliases(given: readonly string[]): {
  readonly type: string;
  readonly reason: string;
  readonly [extra: string]: unknown;
} {
  const names = inHashOrder([...new Set(given)]);
  const id = names.length === 1 ? names[0] : names;
  return {
    type: "aliases_not_found_exception",
    reason: `aliases [${names.join(", ")}] missing`,
    "resource.type": "aliases",
    ...(names.length === 0 ? {} : { "resource.id": id }),
  };
}
