/** Processors that take texts apart. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { javaPattern } from "../text/java-pattern.ts";
import { replaceAsJava, splitAsJava } from "../text/java-replacement.ts";
import { createDissect } from "./dissect.ts";
import { createGrok } from "./grok.ts";
import { type Maker, onField, Settings } from "./processor-settings.ts";

/** `grok`. */
export const grok: Maker = (settings) => {
  const field = settings.text("field");
  const patterns = settings.list("patterns");
  if (patterns.length === 0)
    throw settings.problem("patterns", "List of patterns must not be empty");
  const own = settings.object("pattern_definitions") ?? {};
  const ignoresMissing = settings.flag("ignore_missing");
  if (settings.flag("trace_match")) throw notSupported("[trace_match] of the processor [grok]");
  if (!["disabled", "v1"].includes(settings.textOr("ecs_compatibility", "disabled")))
    throw settings.problem("ecs_compatibility", "unsupported mode");
  const find = createGrok(
    patterns,
    Object.fromEntries(
      Object.keys(own).map((name) => [name, new Settings("grok", own).text(name)]),
    ),
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
  const replacement = settings.text("replacement");
  const expression = javaPattern(settings.text("pattern"), "g");
  return onField(settings, (text) => replaceAsJava(text, expression, replacement));
};

/** `split`. */
export const split: Maker = (settings) => {
  const separator = javaPattern(settings.text("separator"), "g");
  const preserves = settings.flag("preserve_trailing");
  return onField(settings, (text) => {
    return splitAsJava(text, separator, preserves ? -1 : 0);
  });
};

/** Takes characters away from both ends of a text; they stand in a class of a pattern. */
function trimmer(characters: string | undefined): (text: string) => string {
  if (characters === undefined) return (text) => text;
  const ends = javaPattern(`(^([${characters}]+))|([${characters}]+$)`, "g");
  return (text) => text.replaceAll(ends, "");
}

/** `kv`. */
export const kv: Maker = (settings) => {
  const field = settings.text("field");
  const fieldSplit = javaPattern(settings.text("field_split"), "g");
  const valueSource = settings.text("value_split");
  const valueSplit = javaPattern(valueSource, "g");
  const target = settings.textOr("target_field", undefined);
  const prefix = settings.textOr("prefix", "");
  const include = settings.listOr("include_keys", undefined);
  const exclude = settings.listOr<string[]>("exclude_keys", []);
  const ignoresMissing = settings.flag("ignore_missing");
  const trimKey = trimmer(settings.textOr("trim_key", undefined));
  const trimValue = trimmer(settings.textOr("trim_value", undefined));
  const strips = settings.flag("strip_brackets");
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    for (const part of splitAsJava(document.requireText(field), fieldSplit, 0)) {
      const [name = "", given] = splitAsJava(part, valueSplit, 2);
      if (given === undefined)
        throw illegalArgument(`field [${field}] does not contain value_split [${valueSource}]`);
      const key = trimKey(name);
      if (include?.includes(key) === false || exclude.includes(key)) continue;
      const trimmed = trimValue(given);
      const value = strips ? trimmed.replaceAll(/^[([<"']|[\])>"']$/g, "") : trimmed;
      const holder = target === undefined ? "" : `${document.fill(target)}.`;
      const path = `${holder}${prefix}${key}`;
      const present = document.get(path) ?? null;
      document.set(path, present === null ? value : [present, value].flat());
    }
  };
};
