import { isRawNumber } from "../json/exact-numbers.ts";
import { humanBytes, humanTime } from "./human-units.ts";

/**
 * Adds what `human=true` asks for: beside every `…_in_bytes` and `…_in_millis` the same in words
 * for people (`size`, `total_time`), before the number as the server does, and beside when
 * something was created and modified the date. Other dates in milliseconds are left alone.
 */
export function addHumanFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(addHumanFields);
  if (typeof value !== "object" || value === null || isRawNumber(value)) return value;
  const members = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members)) {
    const readable =
      typeof member === "number" && member >= 0 ? readableOf(name, member) : undefined;
    if (readable !== undefined && !(readable.name in members))
      result[readable.name] = readable.text;
    result[name] = addHumanFields(member);
  }
  return result;
}

function readableOf(
  name: string,
  value: number,
): { readonly name: string; readonly text: string } | undefined {
  if (name.endsWith("_in_bytes"))
    return { name: name.slice(0, -"_in_bytes".length), text: humanBytes(value) };
  if (name === "created_date_millis" || name === "modified_date_millis")
    return { name: name.slice(0, -"_millis".length), text: new Date(value).toISOString() };
  if (!name.endsWith("_in_millis") || name.includes("date")) return undefined;
  return { name: name.slice(0, -"_in_millis".length), text: humanTime(value) };
}
