/** The processor `csv`: a line of separated values into fields. */
import { illegalArgument } from "../es-error.ts";
import type { Maker, Settings } from "./processor-settings.ts";

/** How a line is taken apart. */
interface LineFormat {
  readonly separator: string;
  readonly quote: string;
  readonly trims: boolean;
}

/** `csv`. */
export const csv: Maker = (settings) => {
  const field = settings.text("field");
  const targets = settings.list("target_fields");
  const format: LineFormat = {
    separator: oneCharacter(settings, "separator", ","),
    quote: oneCharacter(settings, "quote", '"'),
    trims: settings.flag("trim"),
  };
  if (targets.length === 0)
    throw settings.problem("target_fields", "target fields list can't be empty");
  const empty = settings.has("empty_value") ? settings.required("empty_value") : undefined;
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    const values = readLine(document.requireText(field), format);
    for (const [at, target] of targets.entries()) {
      const value = values[at];
      if (value === undefined) return;
      if (value !== "") document.set(target, value);
      else if (empty !== undefined) document.set(target, empty);
    }
  };
};

function oneCharacter(settings: Settings, name: string, fallback: string): string {
  const text = settings.textOr(name, fallback);
  if (text.length === 1) return text;
  const reason = `${name} has to be single character`;
  throw settings.problem(name, reason);
}

/** The values of a line, up to its end. @throws {EsError} 400 for quotes where none may be */
function readLine(line: string, { separator, quote, trims }: LineFormat): string[] {
  const values: string[] = [];
  const isEnd = (character: string | undefined): boolean =>
    character === undefined || character === "\n" || character === "\r";
  let at = 0;
  for (;;) {
    const start = at;
    at = behindSpace(line, at);
    let value = "";
    if (line[at] === quote) {
      at++;
      for (; ; at++) {
        if (at >= line.length) throw illegalArgument("Unmatched quote");
        if (line[at] !== quote) value += line[at] ?? "";
        else if (line[at + 1] === quote) value += line[at++] ?? "";
        else break;
      }
      at = behindSpace(line, at + 1);
      if (!isEnd(line[at]) && line[at] !== separator)
        throw illegalArgument(`character '${line[at] ?? ""}' after quoted field at ${at}`);
    } else {
      for (; !isEnd(line[at]) && line[at] !== separator; at++)
        if (line[at] === quote)
          throw illegalArgument(`Illegal character inside unquoted field at ${at}`);
      value = line.slice(start, at);
      if (trims) value = value.replaceAll(/^[ \t]+|[ \t]+$/g, "");
    }
    values.push(value);
    if (isEnd(line[at])) return values;
    at++;
  }
}

function behindSpace(line: string, from: number): number {
  let at = from;
  while (line[at] === " " || line[at] === "\t") at++;
  return at;
}
