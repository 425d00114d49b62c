import { isRawNumber } from "../json/exact-numbers.ts";

/** A compiled `filter_path`: cuts an answer down to the paths a client asked for. */
export type FilterPath = (value: unknown) => unknown;

interface Filter {
  readonly steps: readonly string[];
}

/**
 * Compiles a `filter_path`. `*` stands for any text inside one name, `**` for one level or more, a
 * leading `-` excludes; includes and excludes combine. Objects that end up empty disappear, and
 * an answer of which nothing is left is `{}`.
 */
export function compileFilterPath(expression: string): FilterPath {
  const includes: Filter[] = [];
  const excludes: Filter[] = [];
  for (const part of expression.split(",").map((entry) => entry.trim())) {
    if (part === "" || part === "-") continue;
    if (part.startsWith("-")) excludes.push(toFilter(part.slice(1)));
    else includes.push(toFilter(part));
  }
  if (includes.length === 0 && excludes.length === 0) return (value) => value;
  return (value) => {
    const included = includes.length === 0 ? value : include(value, includes);
    const kept =
      excludes.length === 0 || included === undefined ? included : exclude(included, excludes);
    return kept ?? (Array.isArray(value) ? [] : {});
  };
}

/** Splits at dots; a dot behind a backslash belongs to the name. */
function toFilter(text: string): Filter {
  return { steps: text.split(/(?<!\\)\./).map((step) => step.replaceAll("\\.", ".")) };
}

function include(value: unknown, filters: readonly Filter[]): unknown {
  if (Array.isArray(value)) {
    const kept = value
      .map((element) => include(element, filters))
      .filter((element) => element !== undefined);
    return kept.length > 0 ? kept : undefined;
  }
  if (typeof value !== "object" || value === null || isRawNumber(value)) return undefined;
  const kept: Record<string, unknown> = {};
  let hasAny = false;
  for (const [name, inner] of Object.entries(value)) {
    const next = advance(filters, name);
    const part = next === "whole" ? inner : next.length === 0 ? undefined : include(inner, next);
    if (part === undefined) continue;
    kept[name] = part;
    hasAny = true;
  }
  return hasAny ? kept : undefined;
}

function exclude(value: unknown, filters: readonly Filter[]): unknown {
  if (Array.isArray(value)) {
    const kept = value
      .map((element) => exclude(element, filters))
      .filter((element) => element !== undefined);
    return kept.length > 0 ? kept : undefined;
  }
  if (typeof value !== "object" || value === null || isRawNumber(value)) return value;
  const kept: Record<string, unknown> = {};
  let hasAny = false;
  for (const [name, inner] of Object.entries(value)) {
    const next = advance(filters, name);
    if (next === "whole") continue;
    const part = next.length === 0 ? inner : exclude(inner, next);
    if (part === undefined) continue;
    kept[name] = part;
    hasAny = true;
  }
  return hasAny ? kept : undefined;
}

/** The filters that go on below a member of this name, or `whole` when one of them ends here. */
function advance(filters: readonly Filter[], name: string): "whole" | Filter[] {
  const next: Filter[] = [];
  for (const filter of filters) {
    const [step = "", ...rest] = filter.steps;
    if (step === "**") {
      if (rest.length === 0) return "whole";
      next.push(filter, { steps: rest });
    } else if (fits(step, name)) {
      if (rest.length === 0) return "whole";
      next.push({ steps: rest });
    }
  }
  return next;
}

function fits(step: string, name: string): boolean {
  if (step === "*" || step === name) return true;
  if (!step.includes("*")) return false;
  const pattern = step.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".*")}$`, "s").test(name);
}
