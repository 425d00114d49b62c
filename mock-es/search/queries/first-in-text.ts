/**
 * Of several faults of a query, the one that stands first in its text: the server reads a query
 * from its beginning to its end, and those in it on the way.
 */
import { EsError, type ErrorPlace } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { isUnsupported, stageOf } from "../faults.ts";

/** Members that hold a query, or a list of some, by the query that they are in. */
const clauseMembers: Readonly<Record<string, readonly string[]>> = {
  boosting: ["positive", "negative"],
  constant_score: ["filter"],
  dis_max: ["queries"],
  function_score: ["query", "functions"],
  has_child: ["query"],
  has_parent: ["query"],
  nested: ["query"],
  script_score: ["query"],
};

/**
 * The refusal of a query, or one of a query in it that stands before.
 *
 * @param error how the query was refused when it was read, with its place
 * @param compile reads a query
 */
export function firstInText(
  query: JsonObject,
  error: EsError,
  compile: (query: unknown) => unknown,
): EsError {
  const [name = ""] = Object.keys(query);
  const body = query[name];
  const members = Object.hasOwn(clauseMembers, name) ? clauseMembers[name] : undefined;
  if (members === undefined || !isObject(body) || isUnsupported(error)) return error;
  const own = orderIn(query, error.place ?? error.stand);
  for (const [key, value] of Object.entries(body)) {
    if (!members.includes(key)) continue;
    for (const clause of clausesOf(key, value)) {
      const other = refusalOf(clause, compile);
      if (other === undefined || other === error) continue;
      if (orderIn(query, other.place ?? other.stand) < own) return other;
    }
  }
  return error;
}

/** The queries of a member: itself, the entries of a list, or the filters of functions. */
function clausesOf(key: string, value: unknown): readonly JsonObject[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const objects = list.filter(isObject);
  if (key !== "functions") return objects;
  return objects.flatMap(({ filter }) => (isObject(filter) ? [filter] : []));
}

function refusalOf(clause: JsonObject, compile: (query: unknown) => unknown): EsError | undefined {
  try {
    compile(clause);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    return stageOf(error) === "parse" && !isUnsupported(error) ? error : undefined;
  }
  return undefined;
}

/** How many names, values and ends stand before a place; `Infinity` for one that is elsewhere. */
function orderIn(root: object, place: ErrorPlace | undefined): number {
  if (place === undefined) return Infinity;
  let count = 0;
  const visit = (value: object): boolean => {
    const isPlace = value === place.container;
    if (isPlace && place.key === undefined && place.point !== "end") return true;
    for (const [key, inner] of Object.entries(value)) {
      count++;
      if (isPlace && key === place.key && place.point === "key") return true;
      count++;
      if (isPlace && key === place.key) return true;
      if (typeof inner === "object" && inner !== null && visit(inner as object)) return true;
    }
    count++;
    return isPlace;
  };
  return visit(root) ? count : Infinity;
}
