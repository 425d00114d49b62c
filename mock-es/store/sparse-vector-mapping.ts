/** What the mapping of a `sparse_vector` field may say. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../es-error.ts";
import { doubleJson } from "../json/java-number.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import { pruningProblem } from "../search/fields/sparse-vector.ts";
import { javaClass } from "./java-class.ts";

/** How few documents, and how small a weight, leave a token out (TokenPruningConfig). */
const defaults = { tokens_freq_ratio_threshold: 5, tokens_weight_threshold: 0.4 };

/**
 * Checks the parameters of a `sparse_vector` and puts them into the form in which they are shown.
 *
 * @throws {EsError} 400 in the server's words
 */
export function completeSparseVector(parameters: Record<string, unknown>): void {
  // The server takes it and never shows it.
  delete parameters["store"];
  const options = parameters["index_options"];
  if (options === undefined) return;
  if (!isObject(options)) {
    const reason = `index_options should be a map but was of type: class java.lang.${javaClass(options)}`;
    throw new EsError(400, "parse_exception", reason);
  }
  const completed = completeOptions(options);
  if (completed === undefined) delete parameters["index_options"];
  else parameters["index_options"] = completed;
}

function completeOptions(options: JsonObject): JsonObject | undefined {
  const { prune, pruning_config: config } = options;
  for (const key of Object.keys(options)) {
    if (key !== "prune" && key !== "pruning_config")
      throw xContentParseException(`[0:0] [index_options] unknown field [${key}]`);
  }
  const isPruned = prune === undefined ? undefined : readFlag("index_options", "prune", prune);
  if (config === undefined) return isPruned === undefined ? {} : { prune: isPruned };
  if (!isObject(config)) {
    const reason = `[0:0] [index_options] pruning_config doesn't support values of type: ${tokenOf(config)}`;
    throw xContentParseException(reason);
  }
  const completed = inPart("index_options", "pruning_config", () => completePruning(config));
  if (isPruned !== true) {
    const built = notBuilt(
      "index_options",
      illegalArgument(
        "[index_options] field [pruning_config] should only be set if [prune] is set to true",
      ),
    );
    throw prune === undefined ? built : inPartOf("index_options", "pruning_config", built);
  }
  const isDefault = Object.keys(config).length === 0;
  return isDefault ? undefined : { prune: true, pruning_config: completed };
}

function completePruning(config: JsonObject): JsonObject {
  for (const key of Object.keys(config)) {
    if (!Object.hasOwn(defaults, key) && key !== "only_score_pruned_tokens")
      throw xContentParseException(`[0:0] [pruning_config] unknown field [${key}]`);
  }
  const ratio = Number(
    config["tokens_freq_ratio_threshold"] ?? defaults.tokens_freq_ratio_threshold,
  );
  const weight = Number(config["tokens_weight_threshold"] ?? defaults.tokens_weight_threshold);
  if (Number.isNaN(ratio) || Number.isNaN(weight))
    throw notSupported("[pruning_config] with what is no number");
  const problem = pruningProblem(ratio, weight);
  if (problem !== undefined) throw notBuilt("pruning_config", illegalArgument(problem));
  const only = config["only_score_pruned_tokens"];
  const isOnly = only !== undefined && readFlag("pruning_config", "only_score_pruned_tokens", only);
  return {
    tokens_freq_ratio_threshold: doubleJson(ratio),
    tokens_weight_threshold: doubleJson(weight),
    ...(isOnly ? { only_score_pruned_tokens: true } : {}),
  };
}

function readFlag(part: string, key: string, value: unknown): boolean {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  if (typeof value !== "string") throw notSupported(`a [${key}] that is no boolean`);
  return inPart(part, key, () => {
    const reason = `Failed to parse value [${value}] as only [true] or [false] are allowed.`;
    throw illegalArgument(reason);
  });
}

/** Reads a member of a part; what is wrong with it is the cause of the part's refusal. */
function inPart<T>(part: string, key: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof EsError ? inPartOf(part, key, error) : error;
  }
}

function inPartOf(part: string, key: string, error: EsError): EsError {
  const reason = `[0:0] [${part}] failed to parse field [${key}]`;
  return xContentParseException(reason, { caused_by: error.toCause() });
}

function notBuilt(part: string, error: EsError): EsError {
  const reason = `Failed to build [${part}] after last required field arrived`;
  return xContentParseException(reason, { caused_by: error.toCause() });
}
