/** `audit.redact`: what is removed from records beside what always is. */
import { z } from "zod";

import { suggestionText } from "../core/suggestion.ts";
import { apiEndpoints } from "../elasticsearch/api/api-endpoint.ts";
import { matchesWildcard } from "../elasticsearch/names/wildcard.ts";
import { shown } from "./scalar-schemas.ts";

/** Rules of one configuration; each has to be asked for each API endpoint that is used. */
const maxRules = 100;
const maxTextLength = 500;

const text = (what: string) =>
  z
    .string({ error: (issue) => `expected ${what}, got ${shown(issue.input)}` })
    .min(1, `expected ${what}, got ""`)
    .max(maxTextLength);

const memberName = text("a name").regex(/[A-Za-z0-9]/, "a name has letters or digits");

const path = text("a path such as patient.ssn").regex(
  /^(?:\$\.)?[^.[\]]+(?:\[(?:\*|\d*)\])*(?:\.[^.[\]]+(?:\[(?:\*|\d*)\])*)*$/,
  "a path is names with dots between, such as patient.ssn, $.patient.visits[*].note or a.**.b",
);

const pattern = text("a regular expression").check((context) => {
  try {
    const form = new RegExp(context.value, "gu");
    if (form.test(""))
      context.issues.push({
        code: "custom",
        input: context.value,
        message: "matches the empty string",
      });
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*?: /, "") : "";
    context.issues.push({
      code: "custom",
      input: context.value,
      message: `is no regular expression: ${reason}`,
    });
  }
});

const endpoint = text("an API endpoint such as search or indices.*").check((context) => {
  const names = [...apiEndpoints().map(({ name }) => name), "unknown"];
  if (names.some((name) => matchesWildcard(context.value, name))) return;
  context.issues.push({
    code: "custom",
    input: context.value,
    message:
      `no API endpoint is called ${shown(context.value)}` + suggestionText(context.value, names),
  });
});

const rule = z
  .strictObject({
    names: z
      .array(memberName)
      .default([])
      .describe(
        "Names of members of bodies and of query parameters whose values are removed, " +
          "wherever they stand. Compared in lower case and without `_`, `-` and blanks: " +
          "`card_number` is `cardNumber` too.",
      ),
    paths: z
      .array(path)
      .default([])
      .describe(
        "Members by their place: `patient.ssn` anywhere, `$.patient.ssn` from the top of a " +
          "document. `*` stands for one name, `**` for any number. Arrays do not count.",
      ),
    parameters: z
      .array(memberName)
      .default([])
      .describe("Names of parameters of query strings and forms whose values are removed."),
    patterns: z
      .array(pattern)
      .default([])
      .describe(
        "Regular expressions (JavaScript, flag `u`) of what is removed within strings of " +
          "bodies, such as `\\b\\d{3}-\\d{2}-\\d{4}\\b`. A string of more than 64 KiB is " +
          "removed whole. A slow expression slows the traffic of these bodies.",
      ),
    indices: z
      .array(text("an index expression"))
      .default([])
      .describe(
        "The rule is for these indices only: names, wildcards, `-` takes away. A call that " +
          "names no index in its path, such as `_bulk`, counts as one for every index. " +
          "Empty: all.",
      ),
    endpoints: z
      .array(endpoint)
      .default([])
      .describe(
        "The rule is for these API endpoints only, `search` or `indices.*`, as in " +
          "`event.action`. Empty: all.",
      ),
    with: z
      .enum(["token", "remove"])
      .default("token")
      .describe(
        "What stands in place of a value. `token`: `redacted-` and a keyed digest, equal " +
          "for equal values. `remove`: `redacted`.",
      ),
  })
  .refine(
    ({ names, paths, parameters, patterns }) =>
      names.length + paths.length + parameters.length + patterns.length > 0,
    "a rule removes something: give it names, paths, parameters or patterns",
  );

/** A list of rules. */
export const redactSchema = z
  .array(rule)
  .max(maxRules)
  .default([])
  .describe(
    "What is removed from records beside the credentials that always are: personal data, " +
      "secrets under names of your own. Documents, queries and results are recorded as they " +
      "are unless a rule says otherwise.",
  );
