/** Processors that take texts apart. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, textOf } from "../json/json-value.ts";
import { createDissect } from "./dissect.ts";
import { createGrok } from "./grok.ts";
import { type Maker, onField } from "./processor-settings.ts";

/** `grok`. */
export const grok: Maker = (settings) => {
  const field = settings.text("field");
  const patterns = settings.list("patterns");
  const own = settings.value("pattern_definitions");
  const ignoresMissing = settings.flag("ignore_missing");
  if (settings.flag("trace_match")) throw notSupported("[trace_match] of the processor [grok]");
  settings.value("ecs_compatibility");
  const find = createGrok(
    patterns,
    isObject(own) ? Object.fromEntries(Object.entries(own).map(([k, v]) => [k, textOf(v)])) : {},
  );
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    const text = document.requireText(field);
    const found = find(text);
    if (found === undefined)
      throw illegalArgument(`Provided Grok expressions do not match field value: [${text}]`);
    for (const [name, value] of found) document.set(name, value);
  };
};

/** `dissect`. */
export const dissect: Maker = (settings) => {
  const field = settings.text("field");
  const pattern = settings.text("pattern");
  const find = createDissect(pattern, settings.textOr("append_separator", ""));
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    const text = document.requireText(field);
    const found = find(text);
    if (found === undefined)
      throw new EsError(
        400,
        "find_match",
        `Unable to find match for dissect pattern: ${pattern} against source: ${text}`,
      );
    for (const [name, value] of found) document.set(name, value);
  };
};

/** `gsub`. */
export const gsub: Maker = (settings) => {
  const replacement = settings.text("replacement").replaceAll(/\$(\d)/g, "$$$1");
  const pattern = settings.text("pattern");
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "g");
  } catch {
    throw notSupported(`the pattern [${pattern}] of the processor [gsub]`);
  }
  return onField(settings, (text) => text.replaceAll(expression, replacement));
};

/** `split`. */
export const split: Maker = (settings) => {
  const separator = settings.text("separator");
  const preserves = settings.flag("preserve_trailing");
  return onField(settings, (text) => {
    const parts = text.split(new RegExp(separator));
    const last = preserves ? parts.length - 1 : parts.findLastIndex((part) => part !== "");
    return parts.slice(0, Math.max(1, last + 1));
  });
};

/** Takes characters away from both ends of a text. */
function trimmer(characters: string | undefined): (text: string) => string {
  if (characters === undefined) return (text) => text;
  const kept = new Set(characters);
  return (text) => {
    let [start, end] = [0, text.length];
    while (start < end && kept.has(text[start] ?? "")) start++;
    while (end > start && kept.has(text[end - 1] ?? "")) end--;
    return text.slice(start, end);
  };
}

/** `kv`. */
export const kv: Maker = (settings) => {
  const field = settings.text("field");
  const fieldSplit = new RegExp(settings.text("field_split"));
  const valueSplit = new RegExp(settings.text("value_split"));
  const target = settings.textOr("target_field", undefined);
  const prefix = settings.textOr("prefix", "");
  const include = settings.value("include_keys");
  const exclude = settings.value("exclude_keys");
  const ignoresMissing = settings.flag("ignore_missing");
  const trimKey = trimmer(settings.textOr("trim_key", undefined));
  const trimValue = trimmer(settings.textOr("trim_value", undefined));
  const strips = settings.flag("strip_brackets");
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    for (const part of document.requireText(field).split(fieldSplit)) {
      const at = valueSplit.exec(part);
      if (at === null)
        throw illegalArgument(
          `field [${field}] does not contain value_split [${valueSplit.source}]`,
        );
      const key = trimKey(part.slice(0, at.index));
      if (Array.isArray(include) && !include.includes(key)) continue;
      if (Array.isArray(exclude) && exclude.includes(key)) continue;
      const trimmed = trimValue(part.slice(at.index + at[0].length));
      const value = strips
        ? trimmed.replace(/^(?:\((.*)\)|<(.*)>|\[(.*)\]|"(.*)"|'(.*)')$/s, "$1$2$3$4$5")
        : trimmed;
      const holder = target === undefined ? "" : `${document.fill(target)}.`;
      const path = `${holder}${prefix}${key}`;
      const present = document.get(path) ?? null;
      document.set(path, present === null ? value : [present, value].flat());
    }
  };
};
