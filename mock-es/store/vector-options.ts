/** What `index_options` of a `dense_vector` may say, by the type of its index. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { javaClass } from "./java-class.ts";
import { mapperParsing } from "./mapping-problem.ts";
import { toJavaText } from "../values/java-text.ts";
import { isRawNumber } from "../json/exact-numbers.ts";

const graph = ["m", "ef_construction", "flat_index_threshold"];
const rescored = ["rescore_vector", "confidence_interval"];

/** The settings of each type of index. */
const settings: Readonly<Record<string, readonly string[]>> = {
  hnsw: graph,
  int8_hnsw: [...graph, ...rescored, "on_disk_rescore"],
  int4_hnsw: [...graph, ...rescored, "on_disk_rescore"],
  bbq_hnsw: [...graph, "rescore_vector", "on_disk_rescore"],
  flat: [],
  int8_flat: rescored,
  int4_flat: rescored,
  bbq_flat: ["rescore_vector"],
};

/** Fewest dimensions of vectors that are kept as bits. */
const leastBits = 64;

const flat = ["flat", "int8_flat", "int4_flat", "bbq_flat"];
const graphs = ["hnsw", "int8_hnsw", "int4_hnsw", "bbq_hnsw"];

/**
 * True for options that a mapping may change to: what is kept of the numbers only becomes less, a
 * list may become a graph, and a graph keeps its width.
 */
export function isVectorUpdate(from: unknown, to: unknown): boolean {
  if (!isObject(from) || !isObject(to)) return true;
  const [old, now] = [textOf(from["type"]), textOf(to["type"])];
  const isList = flat.includes(old);
  if (isList && flat.includes(now)) return flat.indexOf(old) <= flat.indexOf(now);
  if (!graphs.includes(now)) return false;
  if (isList) return old !== "bbq_flat" || now === "bbq_hnsw";
  return graphs.indexOf(old) <= graphs.indexOf(now) && Number(to["m"]) >= Number(from["m"]);
}

/** Options in a refusal, as Java writes those of most graphs; others only have a name there. */
export function shownVectorOptions(options: JsonObject): string {
  const { type, m, ef_construction: ef } = options;
  const least = textOf(options["flat_index_threshold"] ?? -1);
  const compressed = type === "hnsw" ? "" : ", on_disk_rescore=false, rescore_vector=none";
  if (m === undefined || type === "bbq_hnsw") return textOf(type);
  return `{type=${textOf(type)}, m=${textOf(m)}, ef_construction=${textOf(ef)}${compressed}, flat_index_threshold=${least}}`;
}

/** True for a type of index that a `dense_vector` may have. */
export function isIndexType(type: string): boolean {
  return Object.hasOwn(settings, type);
}

/** @throws {EsError} 400 in the server's words, for what a type of index does not take */
export function checkVectorOptions(
  name: string,
  options: JsonObject,
  dims: number | undefined,
): void {
  const type = textOf(options["type"]);
  const known = settings[type] ?? [];
  if (options["on_disk_rescore"] === true && !known.includes("on_disk_rescore"))
    throw illegalArgument(
      "on_disk_rescore is only supported for indexed and quantized vector types",
    );
  if (known.includes("rescore_vector")) checkRescoring(options["rescore_vector"]);
  const unknown = Object.keys(options).filter((key) => key !== "type" && !known.includes(key));
  if (unknown.length > 0) {
    const list = unknown.map((key) => ` [${key} : ${javaMap(options[key])}]`).join("");
    throw mapperParsing(`Mapping definition for [${name}] has unsupported parameters: ${list}`);
  }
  for (const key of ["m", "ef_construction"])
    if (known.includes(key) && Object.hasOwn(options, key)) checkWhole(options[key]);
  if (dims === undefined) return;
  if (type.startsWith("int4_") && dims % 2 !== 0)
    throw illegalArgument(`${type} only supports even dimensions; provided=${dims}`);
  if (type.startsWith("bbq_") && dims < leastBits)
    throw illegalArgument(
      `${type} does not support dimensions fewer than ${leastBits}; provided=${dims}`,
    );
}

/** @throws {EsError} 400 for what is no whole number of 32 bits, nor the text of one */
function checkWhole(given: unknown): void {
  if (given === null) throw notSupported("null in [index_options]");
  const text = toJavaText(given);
  if (typeof given === "number" && Number.isInteger(given) && Math.abs(given) < 2 ** 31) return;
  if (typeof given === "number" || isRawNumber(given))
    throw illegalArgument(`${text} is not an integer value`);
  if (!/^[+-]?\d{1,9}$/.test(text))
    throw new EsError(400, "number_format_exception", `For input string: "${text}"`);
}

function checkRescoring(given: unknown): void {
  if (given === undefined || given === null) return;
  if (!isObject(given)) {
    const type = Array.isArray(given) ? "util.ArrayList" : `lang.${javaClass(given)}`;
    const reason = `rescore_vector should be a map but was of type: class java.${type}`;
    throw new EsError(400, "parse_exception", reason);
  }
  const { oversample } = given;
  if (oversample === undefined)
    throw illegalArgument("Invalid rescore_vector value. Missing required field oversample");
  if (Number(oversample) < 1 && Number(oversample) !== 0)
    throw illegalArgument("oversample must be greater than 1 or exactly 0");
}

/** A value as Java writes it. */
function javaMap(value: unknown): string {
  if (!isObject(value)) return textOf(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}=${javaMap(inner)}`)
    .join(", ")}}`;
}
