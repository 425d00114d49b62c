/** How the lines of both formats show the values of fields, for prefilters. */
import type { Field } from "../../kql/field-table.ts";
import { jsonLines } from "../../kql/json-lines.ts";
import type { LineForm } from "../../kql/prefilter.ts";

/**
 * What stands around the values that a line of the `text` format holds as they are compared: keys
 * and blanks of `TextLineEncoder`.
 */
const textKeys: ReadonlyMap<string, readonly [before: string, behind: string]> = new Map([
  ["event.id", [" ID: ", " "]],
  ["user.name", [" User: ", " "]],
  ["url.path", [" Path: ", " Query: "]],
  ["url.query", [" Query: ", " Method: "]],
  ["http.request.method", [" Method: ", " Source: "]],
  ["source.ip", [" Source: ", " "]],
  ["source.address", [" Source: ", " "]],
  ["user_agent.original", [" Agent: ", " "]],
  ["http.response.status_code", [" Status: ", " "]],
]);

/** Fields that no line of the `text` format gives. */
const textAbsent = /^(?:user\.(?:id|effective)|client|elasticsearch)(?:\.|$)/;

/** The `text` format. Indices and actions are worked out of the target by its reader. */
export const textLines: LineForm = {
  around(field: Field) {
    const { name, definition, type } = field;
    if (definition?.isDerived === true || textAbsent.test(name)) return "absent";
    const keys = textKeys.get(type === "text" ? field.path.join(".") : name);
    return keys ?? "unknown";
  },
  only: (field) => (field.type === "text" ? undefined : textKeys.get(field.name)),
  // A colon before a blank is escaped, and so are backslash and everything outside ASCII.
  isPlain: (code) => code >= 0x20 && code < 0x7f && code !== 0x5c && code !== 0x3a,
  disguised: ["anonymous", "None", "-"],
  disguisedLetter: (lower) => (lower === "k" ? "\\xe2\\x84\\xaa" : "\\xc4\\xb0"),
};

/** @param hasFacts entries come with facts, which no line shows */
export function lineFormOf(format: "ecs" | "text", hasFacts: boolean): LineForm {
  if (format === "ecs") return jsonLines(hasFacts);
  if (!hasFacts) return textLines;
  return {
    ...textLines,
    around: (field) => (field.definition?.isDerived === true ? "unknown" : textLines.around(field)),
  };
}
