/** `DESCRIBE` of SQL: the columns of a table. */
import { EsError } from "../es-error.ts";
import { unsupported } from "../esql/syntax/span.ts";
import type { Row } from "../esql/values/value.ts";
import type { SelectTable } from "../sql/select-options.ts";
import type { Cluster } from "../store/cluster.ts";
import type { FieldNode } from "../store/field-node.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";

/** Types of JDBC by those of fields; others are refused. */
const jdbcTypes: Readonly<Record<string, string>> = {
  boolean: "BOOLEAN",
  byte: "TINYINT",
  date: "TIMESTAMP",
  double: "DOUBLE",
  float: "REAL",
  geo_point: "GEOMETRY",
  geo_shape: "GEOMETRY",
  half_float: "FLOAT",
  integer: "INTEGER",
  ip: "VARCHAR",
  keyword: "VARCHAR",
  long: "BIGINT",
  object: "STRUCT",
  scaled_float: "DOUBLE",
  short: "SMALLINT",
  text: "VARCHAR",
};

/**
 * The columns of a table.
 *
 * @returns `undefined` for a query that is no DESCRIBE
 * @throws {EsError} 400 for a table that is not one index, and for what is not covered
 */
export function describeTable(cluster: Cluster, query: string): SelectTable | undefined {
  const found =
    /^\s*(?:desc|describe|show\s+columns\s+(?:from|in))\s+(?:"([^"*%]+)"|([\w.]+))\s*;?\s*$/i.exec(
      query,
    );
  if (found === null) return undefined;
  const name = found[1] ?? found[2] ?? "";
  const at = query.indexOf(name);
  const [index, second] = indicesOf(cluster, name);
  if (index === undefined || second !== undefined)
    throw unsupported(query, at, "describing no index, or several,");
  const rows = [...index.mappings.properties].flatMap(([field, node]) => [
    ...rowsOf(query, field, node),
  ]);
  const columns = ["column", "type", "mapping"].map(
    (column) => ({ name: column, type: "keyword" }) as const,
  );
  const types = columns.map(({ type }) => type);
  return { columns, types, rows: rows.sort(byName), warnings: [], documents: 0 };
}

function indicesOf(cluster: Cluster, name: string): readonly IndexState[] {
  try {
    return resolveIndices(cluster, name, searchIndexOptions);
  } catch (error) {
    if (error instanceof EsError && error.status === 404) return [];
    throw error;
  }
}

/** Field by field in the order of their names, what is in one behind it. */
function byName(a: Row, b: Row): number {
  const [x, y] = [a, b].map(([name]) =>
    (typeof name === "string" ? name : "").replaceAll(".", "\u0000"),
  );
  return (x ?? "") < (y ?? "") ? -1 : 1;
}

function* rowsOf(query: string, name: string, node: FieldNode): Iterable<Row> {
  const { type, properties, fields } = node;
  const jdbc = Object.hasOwn(jdbcTypes, type) ? jdbcTypes[type] : undefined;
  if (jdbc === undefined) throw unsupported(query, 0, `the field [${name}] of the type [${type}]`);
  yield [name, jdbc, type === "date" ? "datetime" : type];
  for (const [part, inner] of [...(properties ?? []), ...fields])
    yield* rowsOf(query, `${name}.${part}`, inner);
}
