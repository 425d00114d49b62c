/** What the settings of an index say of analysis, ordered by the parts they define. */
import { EsError } from "../es-error.ts";
import type { AnalysisSettings, PartKind } from "../analysis/analysis.ts";

const kinds: readonly PartKind[] = ["analyzer", "normalizer", "tokenizer", "filter", "char_filter"];

type Parts = Map<string, Map<string, string | readonly string[]>>;

/** Reads `index.analysis.KIND.NAME.SETTING` out of flat settings. */
export function analysisSettings(
  flat: Iterable<readonly [string, string | readonly string[]]>,
): AnalysisSettings {
  const parts: Record<PartKind, Parts> = {
    analyzer: new Map(),
    normalizer: new Map(),
    tokenizer: new Map(),
    filter: new Map(),
    char_filter: new Map(),
  };
  for (const [name, value] of flat) {
    const found = /^index\.analysis\.(\w+)\.([^.]+)\.(.+)$/.exec(name);
    const kind = kinds.find((candidate) => candidate === found?.[1]);
    const [, , part = "", setting = ""] = found ?? [];
    if (kind === undefined) continue;
    let settings = parts[kind].get(part);
    if (settings === undefined) parts[kind].set(part, (settings = new Map()));
    settings.set(setting, value);
  }
  return parts;
}

/**
 * Checks that names of parts of analyzers, and of similarities, have settings.
 *
 * @throws {EsError} 500, as the server has it, for one that stands for a value
 */
export function checkGroups(names: Iterable<string>): void {
  for (const name of names) {
    const [, group] = groupName.exec(name) ?? [];
    if (group === undefined) continue;
    const reason = `Failed to get setting group for [${group}] setting prefix and setting [${name}] because of a missing '.'`;
    throw new EsError(500, "settings_exception", reason);
  }
}

const groupName =
  /^(index\.(?:analysis\.(?:analyzer|normalizer|tokenizer|filter|char_filter)|similarity)\.)[^.]+$/;
