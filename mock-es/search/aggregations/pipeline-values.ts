/** How pipelines show their numbers. */
import { doubleJson } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { numberFormat } from "../../values/decimal-format.ts";
import type { Result } from "./aggregation.ts";

/** The texts that `format` asks for; `undefined` for none. */
export type NumberText = ((value: number) => string) | undefined;

/** Reads `format` of a pipeline. */
export function numberTextOf(body: JsonObject): NumberText {
  const { format } = body;
  return format === undefined ? undefined : numberFormat(textOf(format));
}

/** A result of one number; null when it is none. */
export function simpleValue(value: number, text: NumberText, name = "value"): Result {
  if (!Number.isFinite(value)) return { [name]: null };
  return {
    [name]: doubleJson(value),
    ...(text === undefined ? {} : { [`${name}_as_string`]: text(value) }),
  };
}
