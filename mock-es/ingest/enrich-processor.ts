/** The processor `enrich`: fields that a policy has copied are put into documents. */
import { illegalArgument } from "../es-error.ts";
import { textOfValue, toScriptValue } from "../script/values.ts";
import type { Maker, Settings } from "./processor-settings.ts";

/** Most documents that one value may bring, as the server bounds them. */
const maxMatches = 128;

/** `enrich`. */
export const enrich: Maker = (settings, { findEnrichLookup }) => {
  const policy = settings.text("policy_name");
  const field = settings.text("field");
  const target = settings.text("target_field");
  const overrides = settings.flag("override", true);
  const ignoresMissing = settings.flag("ignore_missing");
  const most = readMost(settings);
  // Only policies of other types than `match` look at it.
  settings.value("shape_relation");
  const lookup = findEnrichLookup(policy);
  if (lookup === undefined)
    throw illegalArgument(`no enrich index exists for policy with name [${policy}]`);
  return (document) => {
    const given = document.get(field);
    if ((given === undefined || given === null) && ignoresMissing) return;
    const value = document.require(field);
    if (value === null) return;
    if (!overrides && (document.get(target) ?? null) !== null) return;
    const values = (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(
      textOfValue,
    );
    const found = lookup
      .matches(values)
      .slice(0, most)
      .map((value) => toScriptValue(value));
    if (found.length > 0) document.set(target, most === 1 ? found[0] : found);
  };
};

function readMost(settings: Settings): number {
  const most = settings.whole("max_matches", 1);
  if (most >= 1 && most <= maxMatches) return most;
  throw settings.problem("max_matches", `should be between 1 and ${maxMatches}`);
}
