/** What templates may be called, and which names of indices they may be for. */
import { EsError, illegalArgument } from "../../es-error.ts";
import { checkAliasName } from "../../store/index-name.ts";
import { flattenSettings } from "../../store/index-settings.ts";
import type { TemplateLayer } from "../../store/templates.ts";

/** @throws {EsError} 400 `invalid_index_template_exception` with all that is wrong */
export function checkNames(
  name: string,
  patterns: readonly string[],
  others: readonly string[] = [],
): void {
  const wrong = [...problemsOfName(name), ...patterns.flatMap(problemsOf), ...others];
  if (wrong.length > 0) throw invalidParts(name, wrong);
}

/** @throws {EsError} 400 for an alias that cannot be, or that its index would be called */
export function checkAliasNames({ aliases }: TemplateLayer, patterns: readonly string[]): void {
  for (const alias of Object.keys(aliases ?? {})) {
    checkAliasName(alias);
    if (patterns.includes(alias))
      throw illegalArgument(
        `alias [${alias}] cannot be the same as any pattern in [${patterns.join(", ")}]`,
      );
  }
}

/** Whether a template for all indices would hide them. */
export function hidesEverything({ settings }: TemplateLayer, patterns: readonly string[]): boolean {
  return patterns.includes("*") && flattenSettings(settings ?? {}).has("index.hidden");
}

/** The refusal of a template, with all that is wrong. */
function invalidParts(name: string, reasons: readonly string[]): EsError {
  const numbered = reasons.map((reason, at) => `${at + 1}: ${reason};`).join("");
  const reason = `index_template [${name}] invalid, cause [Validation Failed: ${numbered}]`;
  return new EsError(400, "invalid_index_template_exception", reason);
}

function problemsOfName(name: string): string[] {
  const problems: string[] = [];
  if (name.includes(" ")) problems.push("name must not contain a space");
  if (name.includes(",")) problems.push("name must not contain a ','");
  if (name.includes("#")) problems.push("name must not contain a '#'");
  if (name.includes("*")) problems.push("name must not contain a '*'");
  if (name.startsWith("_")) problems.push("name must not start with '_'");
  if (name !== name.toLowerCase()) problems.push("name must be lower cased");
  return problems;
}

/** What is wrong with a pattern of names. */
function problemsOf(pattern: string): string[] {
  const shown = `index_pattern [${pattern}] must not`;
  return [
    ...(pattern.includes(" ") ? [`index_patterns [${pattern}] must not contain a space`] : []),
    ...(pattern.includes(",") ? [`${shown} contain a ','`] : []),
    ...(pattern.includes("#") ? [`${shown} contain a '#'`] : []),
    ...(pattern.startsWith("_") ? [`${shown} start with '_'`] : []),
    ...(/[ ",/<>?\\|]/.test(pattern)
      ? [
          String.raw`${shown} contain the following characters [' ','"','*',',','/','<','>','?','\','|']`,
        ]
      : []),
  ];
}
