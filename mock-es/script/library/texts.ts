/** Methods of texts. */
import { textOrder, whole } from "../arithmetic.ts";
import { requireLength, RuntimeProblem } from "../problems.ts";
import { isEqual } from "../values.ts";
import { callable, type Methods, text } from "./method.ts";
import { isPattern, matcherOf } from "./patterns.ts";

/** Java trims control characters and blanks only. */
function trimmed(target: string): string {
  return target.replaceAll(/^[\0- ]+|[\0- ]+$/g, "");
}

function splitAt(target: string, part: string, limit: number): string[] {
  if (limit <= 0) {
    const parts = target.split(part);
    if (limit < 0) return parts;
    while (parts.length > 1 && parts.at(-1) === "") parts.pop();
    return parts;
  }
  const parts = target.split(part);
  return parts.length <= limit
    ? parts
    : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(part)];
}

/** Methods of texts. */
export const ofText: Methods = {
  length: (target: string) => target.length,
  isEmpty: (target: string) => target === "",
  substring: (target: string, from, to) => {
    const [begin, end] = [whole(from), to === undefined ? target.length : whole(to)];
    if (begin >= 0 && begin <= end && end <= target.length) return target.slice(begin, end);
    const reason = `Range [${begin}, ${end}) out of bounds for length ${target.length}`;
    throw new RuntimeProblem("string_index_out_of_bounds_exception", reason);
  },
  charAt: (target: string, index) => {
    const at = whole(index);
    if (at >= 0 && at < target.length) return target.charAt(at);
    const reason = `Index ${at} out of bounds for length ${target.length}`;
    throw new RuntimeProblem("string_index_out_of_bounds_exception", reason);
  },
  toLowerCase: (target: string) => target.toLowerCase(),
  toUpperCase: (target: string) => target.toUpperCase(),
  contains: (target: string, part) => target.includes(text(part)),
  startsWith: (target: string, part) => target.startsWith(text(part)),
  endsWith: (target: string, part) => target.endsWith(text(part)),
  indexOf: (target: string, part, from) => target.indexOf(text(part), whole(from ?? 0)),
  lastIndexOf: (target: string, part) => target.lastIndexOf(text(part)),
  replace: (target: string, part, by) => {
    const replaced = target.replaceAll(text(part), () => text(by));
    requireLength(replaced.length);
    return replaced;
  },
  replaceAll: (target: string, pattern, by) => replaced(target, pattern, by, true),
  replaceFirst: (target: string, pattern, by) => replaced(target, pattern, by, false),
  trim: trimmed,
  concat: (target: string, other) => target + text(other),
  equals: (target: string, other) => isEqual(target, other),
  equalsIgnoreCase: (target: string, other) =>
    typeof other === "string" && target.toLowerCase() === other.toLowerCase(),
  compareTo: (target: string, other) => textOrder(target, text(other)),
  compareToIgnoreCase: (target: string, other) =>
    textOrder(target.toLowerCase(), text(other).toLowerCase()),
  splitOnToken: (target: string, part, limit) =>
    splitAt(target, text(part), limit === undefined ? 0 : whole(limit)),
  hashCode: (target: string) => {
    let hash = 0;
    for (let at = 0; at < target.length; at++)
      hash = (Math.imul(hash, 31) + target.charCodeAt(at)) | 0;
    return hash;
  },
  toCharArray: (target: string) => target.split(""),
  encodeBase64: (target: string) => Buffer.from(target, "utf8").toString("base64"),
  decodeBase64: (target: string) => Buffer.from(target, "base64").toString("utf8"),
  toString: (target: string) => target,
};

function replaced(target: string, pattern: unknown, by: unknown, isAll: boolean): string {
  if (!isPattern(pattern))
    throw new RuntimeProblem(
      "class_cast_exception",
      "cannot cast to java.util.regex.Pattern what is replaced",
    );
  const run = callable(by);
  const flags = isAll ? pattern.expression.flags : pattern.expression.flags.replace("g", "");
  const expression = new RegExp(pattern.expression.source, flags);
  const result = target.replace(expression, (...found: unknown[]) => {
    const groups = found.slice(
      0,
      found.findIndex((part) => typeof part === "number"),
    );
    return text(run(matcherOf(pattern, target, groups as (string | undefined)[])));
  });
  requireLength(result.length);
  return result;
}
