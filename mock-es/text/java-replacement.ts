/** Texts split and changed by a pattern, as `java.util.regex` does it. */
import { EsError, illegalArgument } from "../es-error.ts";

/**
 * `Pattern.split`.
 *
 * @param pattern with the flag `g`
 * @param limit most parts; 0: all without the empty ones at the end; below 0: all
 */
export function splitAsJava(text: string, pattern: RegExp, limit: number): string[] {
  const parts: string[] = [];
  let last = 0;
  for (const found of text.matchAll(pattern)) {
    if (limit > 0 && parts.length === limit - 1) break;
    const [whole] = found;
    if (found.index === 0 && whole === "") continue;
    parts.push(text.slice(last, found.index));
    last = found.index + whole.length;
  }
  parts.push(text.slice(last));
  if (limit === 0) while (parts.length > 1 && parts.at(-1) === "") parts.pop();
  return parts;
}

/** A replacement in parts: texts, and numbers or names of groups. */
type ReplacementPart = string | { readonly group: string };

/**
 * Reads `$1`, `${name}` and what stands behind a `\`.
 *
 * @param groups number of groups of the pattern
 * @throws {EsError} 400 for a `$` or `\` that stands alone
 */
function replacementParts(template: string, groups: number): ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  for (let at = 0; at < template.length; at++) {
    const here = template[at] ?? "";
    if (here === "\\") {
      at++;
      if (at === template.length) throw illegalArgument("character to be escaped is missing");
      parts.push(template[at] ?? "");
    } else if (here === "$") {
      const found = /^\$(?:\{([A-Za-z][A-Za-z0-9]*)\}|(\d))/.exec(template.slice(at));
      if (found === null) throw illegalArgument("Illegal group reference");
      at += found[0].length - 1;
      let group = found[1] ?? found[2] ?? "";
      // More digits belong to it while there are so many groups.
      for (let next; found[2] !== undefined && isDigit((next = template[at + 1])); at++) {
        if (Number(group + next) > groups) break;
        group = String(Number(group + next));
      }
      parts.push({ group });
    } else parts.push(here);
  }
  return parts;
}

function isDigit(character: string | undefined): character is string {
  return character !== undefined && /^\d$/.test(character);
}

/** Number of groups of a pattern. */
export function groupCount(pattern: RegExp): number {
  return (new RegExp(`${pattern.source}|`, pattern.flags).exec("")?.length ?? 1) - 1;
}

/**
 * What a replacement makes of a match. It is read at the first one, as Java does.
 *
 * @throws {EsError} 400, when it is called, for a replacement that is none
 */
export function javaReplacement(
  template: string,
  pattern: RegExp,
): (found: RegExpExecArray) => string {
  const groups = groupCount(pattern);
  let parts: readonly ReplacementPart[] | undefined;
  return (found) => {
    parts ??= replacementParts(template, groups);
    return parts
      .map((part) => (typeof part === "string" ? part : groupText(found, part.group)))
      .join("");
  };
}

function groupText(found: RegExpExecArray, group: string): string {
  if (/^\d/.test(group)) {
    if (Number(group) < found.length) return found[Number(group)] ?? "";
    throw new EsError(400, "index_out_of_bounds_exception", `No group ${group}`);
  }
  const named = found.groups ?? {};
  if (Object.hasOwn(named, group)) return named[group] ?? "";
  throw illegalArgument(`No group with name {${group}}`);
}

/**
 * `Matcher.replaceAll`, or `replaceFirst` for a pattern without the flag `g`.
 *
 * @throws {EsError} 400 for a replacement that is none, where something is found
 */
export function replaceAsJava(text: string, pattern: RegExp, template: string): string {
  const replace = javaReplacement(template, pattern);
  const first = pattern.global ? null : pattern.exec(text);
  const all = pattern.global ? text.matchAll(pattern) : first === null ? [] : [first];
  let out = "";
  let last = 0;
  for (const found of all) {
    out += text.slice(last, found.index) + replace(found);
    last = found.index + found[0].length;
  }
  return out + text.slice(last);
}
