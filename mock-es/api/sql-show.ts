/** `SHOW TABLES`, `SHOW CATALOGS` and `SHOW FUNCTIONS` of SQL. */
import { notSupported } from "../es-error.ts";
import type { Row } from "../esql/values/value.ts";
import { sqlFunctionNames } from "../sql/function-names.ts";
import type { SelectTable } from "../sql/select-options.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";

/**
 * What a query shows: the tables, as the indices and aliases whose names a pattern fits, or the
 * catalogs, as this cluster; or the functions of the language.
 *
 * @returns `undefined` for a query of another kind
 * @throws {EsError} 400 where there are data streams, whose kind is not known
 */
export function showTable(cluster: Cluster, query: string): SelectTable | undefined {
  const { clusterName } = cluster.profile;
  if (/^\s*show\s+catalogs\s*;?\s*$/i.test(query))
    return table(["name", "type"], [[clusterName, "local"]]);
  const functions = /^\s*show\s+functions(?:\s+like\s+'((?:[^'\\]|'')*)')?\s*;?\s*$/i.exec(query);
  if (functions !== null) {
    const test = likePattern((functions[1] ?? "%").replaceAll("''", "'"));
    const rows = sqlFunctionNames.filter(([name]) => test.test(name));
    return table(["name", "type"], rows);
  }
  const found =
    /^\s*show\s+tables(?:\s+(?:like\s+'((?:[^'\\]|'')*)'|"([^"]+)"|(?!like\b|catalog\b|include\b)([\w.*-]+)))?\s*;?\s*$/i.exec(
      query,
    );
  if (found === null) return undefined;
  if (cluster.dataStreams.size > 0) throw notSupported("SHOW TABLES beside data streams");
  const [, like, quoted, plain] = found;
  const test =
    like === undefined
      ? simplePattern(quoted ?? plain ?? "*")
      : likePattern(like.replaceAll("''", "'"));
  const kinds = new Map<string, readonly [type: string, kind: string]>();
  for (const { name, aliases, settings } of cluster.indices.values()) {
    if (!settings.isHidden) kinds.set(name, ["TABLE", "INDEX"]);
    for (const alias of aliases.keys()) kinds.set(alias, ["VIEW", "ALIAS"]);
  }
  const isSeen = (name: string): boolean =>
    test.test(name) && (cluster.access?.allows(name) ?? true);
  const rows = [...kinds]
    .filter(([name]) => isSeen(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, [type, kind]]): Row => [clusterName, name, type, kind]);
  return table(["catalog", "name", "type", "kind"], rows);
}

/** `%` stands for any characters, `_` for one. */
function likePattern(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  return new RegExp(`^${source}$`, "s");
}

function table(names: readonly string[], rows: readonly Row[]): SelectTable {
  const columns = names.map((name) => ({ name, type: "keyword" }) as const);
  return { columns, types: names.map(() => "keyword"), rows, warnings: [], documents: 0 };
}
