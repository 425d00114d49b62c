/** What settings there are, what values they take, and when they may change. */
import { EsError, illegalArgument } from "../es-error.ts";
import { didYouMean } from "../text/likeness.ts";
import { parseByteSize } from "../values/byte-size.ts";
import { parseDuration } from "../values/duration.ts";
import { checkBounds, checkMost } from "./setting-bounds.ts";
import { checkActiveShards, checkCompoundFormat, checkExpansion } from "./setting-formats.ts";
import { checkChoice } from "./setting-choices.ts";
import { clusterSettingTable } from "./cluster-setting-table.ts";
import { indexSettingTable } from "./index-setting-table.ts";
import { parseDate } from "../values/date.ts";
import { doubleText } from "../json/java-number.ts";

/** The value of a setting, as settings are kept. */
export type SettingValue = string | readonly string[];

/** One setting. */
export interface SettingRule {
  /**
   * D can be changed at any time, S while an index is closed, F never, P and I by the server only,
   * N when a node starts.
   */
  readonly group: "D" | "S" | "F" | "P" | "I" | "N";
  /** b boolean, i number, t duration, z size, p percentage or size, s text. */
  readonly kind: string;
  readonly least: number | undefined;
  readonly fallback: SettingValue;
}

/** Settings by their names, and those of which the beginning of the name is known only. */
export class SettingRules {
  readonly #rules = new Map<string, SettingRule>();
  readonly #prefixes: readonly (readonly [prefix: string, rule: SettingRule])[];

  constructor(
    table: string,
    prefix: string,
    prefixes: readonly (readonly [prefix: string, group: SettingRule["group"]])[],
  ) {
    for (const entry of table.trim().split(/\s+/)) {
      const found = /^([^=]+)=(\w)(\w)([-\d.]*)=(.*)$/.exec(entry);
      if (found === null) throw new Error(`no setting: ${entry}`);
      const [, name = "", group = "D", kind = "s", least = "", fallback = ""] = found;
      this.#rules.set(prefix + name, {
        group: group as SettingRule["group"],
        kind,
        least: least === "" ? undefined : Number(least),
        fallback: toValue(fallback),
      });
    }
    this.#prefixes = prefixes.map(([start, group]) => {
      return [start, { group, kind: "s", least: undefined, fallback: "" }];
    });
  }

  find(name: string): SettingRule | undefined {
    return this.#rules.get(name) ?? this.#prefixes.find(([prefix]) => name.startsWith(prefix))?.[1];
  }

  names(): Iterable<string> {
    return this.#rules.keys();
  }

  /** Settings with the values that they have when they are not set. */
  *defaults(): Iterable<[string, SettingValue]> {
    for (const [name, { fallback }] of this.#rules) yield [name, fallback];
  }

  /** What the server says of an unknown name. */
  suggestion(name: string): string {
    return didYouMean(name, this.#rules.keys(), 0.7);
  }
}

function toValue(text: string): SettingValue {
  if (text === '""') return "";
  if (text.startsWith("[") && text.endsWith("]"))
    return text === "[]" ? [] : text.slice(1, -1).split(",");
  return text.replaceAll("%20", " ");
}

/** The settings of an index. */
export const indexSettingRules = new SettingRules(indexSettingTable, "index.", [
  ["index.analysis.", "S"],
  ["index.similarity.", "S"],
  ["index.routing.allocation.include.", "D"],
  ["index.routing.allocation.exclude.", "D"],
  ["index.routing.allocation.require.", "D"],
  // Settings of modules that a default distribution has and the node that was asked has not.
  ["index.lifecycle.", "D"],
  ["index.xpack.", "F"],
  ["index.version.", "P"],
]);

/** The settings of a cluster. */
export const clusterSettingRules = new SettingRules(clusterSettingTable, "", [
  ["cluster.metadata.", "D"],
  ["cluster.remote.", "D"],
  ["cluster.routing.allocation.include.", "D"],
  ["cluster.routing.allocation.exclude.", "D"],
  ["cluster.routing.allocation.require.", "D"],
  ["logger.", "D"],
  ["xpack.inference.", "D"],
  ["xpack.ml.", "D"],
  ["xpack.monitoring.", "D"],
  ["xpack.notification.", "D"],
  ["xpack.watcher.", "D"],
  ["xpack.security.audit.", "D"],
  ["xpack.security.http.filter.", "D"],
  ["xpack.security.transport.filter.", "D"],
  ["xpack.security.", "N"],
  ["slm.", "D"],
  ["ingest.", "D"],
]);

const isoDate = "strict_date_optional_time||epoch_millis";

/**
 * Checks the value of a setting.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkSettingValue(name: string, rule: SettingRule, value: SettingValue): void {
  const text = settingText(rule, value);
  switch (rule.kind) {
    case "b":
      // How many characters of a source are logged.
      if (name.endsWith("slowlog.source") && /^-?\d*$/.test(text)) break;
      if (text !== "true" && text !== "false") {
        throw illegalArgument(
          `Failed to parse value [${text}] as only [true] or [false] are allowed.`,
        );
      }
      break;
    case "i":
      checkNumber(name, rule, text);
      break;
    case "t":
      parseDuration(text, name);
      checkBounds(name, text, "duration");
      break;
    case "z":
      checkSize(name, text);
      checkBounds(name, text, "size");
      break;
    case "p":
      if (!/^\d+(\.\d+)?%$/.test(text) && !isSize(text) && !/^[01](\.\d+)?$/.test(text))
        throw notPercentage(name, text);
      break;
  }
  checkChoice(name, text);
  if (name.endsWith(".auto_expand_replicas")) checkExpansion(text);
  if (name === "index.time_series.end_time" && parseDate(text, isoDate) === undefined)
    throw illegalArgument(`failed to parse date field [${text}] with format [${isoDate}]`, {
      caused_by: {
        type: "date_time_parse_exception",
        reason: "Failed to parse with all enclosed parsers",
      },
    });
  if (name === "index.merge.policy.expunge_deletes_allowed" && Number(text) > 100) {
    const reason = `forceMergeDeletesPctAllowed must be between 0.0 and 100.0 inclusive`;
    throw illegalArgument(`${reason} (got ${doubleText(Number(text))})`);
  }
  if (name === "index.compound_format") checkCompoundFormat(text);
  if (name === "index.write.wait_for_active_shards") checkActiveShards(text);
}

/** The text of a value; a list is the one of a setting that takes several. */
function settingText({ kind, fallback }: SettingRule, value: SettingValue): string {
  if (typeof value === "string") return value;
  return kind === "s" && typeof fallback !== "string" ? value.join(",") : `[${value.join(", ")}]`;
}

function checkNumber(name: string, { least, fallback }: SettingRule, text: string): void {
  const failed = `Failed to parse value [${text}] for setting [${name}]`;
  const isWhole = /^-?\d+$/.test(String(fallback));
  const isNumber = (isWhole ? /^[+-]?\d+$/ : /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/).test(text);
  if (!isNumber) {
    throw illegalArgument(failed, {
      caused_by: { type: "number_format_exception", reason: `For input string: "${text}"` },
    });
  }
  if (least !== undefined && Number(text) < least) {
    const shown = isWhole ? String(least) : least.toFixed(1);
    throw illegalArgument(`${failed} must be >= ${shown}`);
  }
  checkMost(name, text, isWhole);
}

/** The server tells a size that it cannot read as an argument that is wrong. */
function checkSize(name: string, text: string): void {
  try {
    parseByteSize(text, name);
  } catch (error) {
    throw error instanceof EsError
      ? illegalArgument(error.reason, { caused_by: error.toCause() })
      : error;
  }
}

function isSize(text: string): boolean {
  try {
    return parseByteSize(text, "") >= -1;
  } catch {
    return false;
  }
}

function notPercentage(name: string, text: string): EsError {
  const reason = `unable to parse [${name}=${text}] as either percentage or bytes`;
  const inner = `failed to parse setting [${name}] with value [${text}] as a size in bytes: unit is missing or unrecognized`;
  return illegalArgument(reason, {
    caused_by: {
      type: "parse_exception",
      reason,
      caused_by: { type: "parse_exception", reason: inner },
    },
  });
}
