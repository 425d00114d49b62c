/** Sorting by what a script says. */
import { illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { doubleJson } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { castProblem, compileValueScript } from "../queries/scripting.ts";
import type { SortKey } from "./sort-key.ts";

const known = ["script", "type", "order", "mode", "nested"];

/** `_script`: by numbers or by texts. */
export function scriptKey(settings: JsonObject, context: SearchContext): SortKey {
  for (const key of Object.keys(settings)) {
    if (!known.includes(key))
      throw xContentParseException(`[_script] unknown field [${key}]`).at(settings, key, "key");
  }
  for (const key of ["mode", "nested"])
    if (settings[key] !== undefined) throw notSupported(`[${key}] of [_script]`);
  const missing = ["script", "type"].filter((key) => settings[key] === undefined);
  if (missing.length > 0) throw illegalArgument(`Required [${missing.join(", ")}]`);
  const type = textOf(settings["type"]).toLowerCase();
  if (type !== "number" && type !== "string") {
    if (type === "version") throw notSupported("the type [version] of [_script]");
    throw illegalArgument(`Unknown ScriptSortType [${textOf(settings["type"])}]`);
  }
  const order = textOf(settings["order"] ?? "asc").toLowerCase();
  if (order !== "asc" && order !== "desc") {
    const constant = `org.elasticsearch.search.sort.SortOrder.${order.toUpperCase()}`;
    throw illegalArgument(`No enum constant ${constant}`);
  }
  const sign = order === "desc" ? -1 : 1;
  const run = compileValueScript(settings["script"], context);
  const isNumber = type === "number";
  return {
    kind: "field",
    valueType: isNumber ? "double" : "string",
    compare(a, b) {
      if (a === undefined || b === undefined)
        return Number(a === undefined) - Number(b === undefined);
      return a === b ? 0 : sign * (a < b ? -1 : 1);
    },
    read(document, score) {
      const [value] = run(document, score);
      if (isNumber && typeof value === "string") {
        const reason = "Cannot cast from [java.lang.String] to [double].";
        throw castProblem(context, settings["script"], reason);
      }
      if (isNumber) return value === undefined ? 0 : Number(value);
      return value === undefined ? undefined : String(value);
    },
    show: (value) =>
      value === undefined ? null : isNumber ? doubleJson(Number(value)) : String(value),
    parse: isNumber ? Number : textOf,
  };
}
