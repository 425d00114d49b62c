/** Records as one compact JSON object a line, ASCII only: the `ecs` format. */
import type { LineForm } from "./prefilter.ts";

/** What stands before values of fields in their place of the record, and nowhere else. */
const places: ReadonlyMap<string, readonly [before: string, behind: string]> = new Map([
  ["user.name", ['"user":{"name":"', '"']],
  ["user.id", ['"user":{"id":"', '"']],
  ["event.action", ['","action":"', '"']],
  ["http.response.status_code", ['"status_code":', ""]],
]);
/** What the writer says of a body whose content is not all there is of it, as text. */
const elsewhere: ReadonlyMap<string, readonly string[]> = new Map([
  ["http.request.body.content", ['"request_body":{']],
  ["http.response.body.content", ['"response_body":{']],
]);
const quoted = new Set(["keyword", "wildcard", "ip", "date", "text", "flattened"]);

/**
 * How the `ecs` format writes values.
 *
 * @param hasFacts records come together with what was derived from them, which no line shows
 */
export function jsonLines(hasFacts: boolean): LineForm {
  return {
    around(field) {
      const { definition, type } = field;
      if (definition?.isDerived === true) return hasFacts ? "unknown" : "absent";
      if (type === "object" || type === "nested") return "unknown";
      const quote = quoted.has(type) ? '"' : "";
      // Names below a flattened field come from the wire and may be written in several ways.
      if (definition?.isList === true || definition?.type === "flattened") return [quote, quote];
      return [`"${field.path.at(-1) ?? ""}":${quote}`, quote];
    },
    elsewhere: ({ path }) => elsewhere.get(path.join(".")),
    only: (field) => (field.type === "text" ? undefined : places.get(field.name)),
    disguisedLetter: (lower) => (lower === "k" ? "\\u212a" : "\\u0130"),
    isPlain: (code) => code >= 0x20 && code <= 0x7e && code !== 0x22 && code !== 0x5c,
  };
}
