/** The schema of `routes`, with the description of each key for the operator. */
import { z } from "zod";

import { auditLevel, onFailure } from "./audit-schema.ts";
import {
  count,
  duration,
  durationOr,
  hostPattern,
  name,
  oneOrMore,
  token,
} from "./scalar-schemas.ts";
import { routeRetry } from "./retry-schema.ts";

const rateLimit = z
  .strictObject({
    by: z
      .enum(["client_address", "user"])
      .default("client_address")
      .describe("Whose requests are counted together."),
    requests: count(1).describe("Requests allowed per period, spread evenly."),
    per: durationOr(1000).describe("The period."),
    burst: count(1)
      .optional()
      .describe("Requests that may come at once. Default: the value of `requests`."),
  })
  .describe("Beyond it requests are answered with 429 and Retry-After. Absent: no limit.");

/** One entry of `routes`. */
export const routeSchema = z
  .strictObject({
    name: name
      .optional()
      .describe(
        "Label in metrics and records. Default: made of `path`, and of the position where " +
          "that is not unique.",
      ),
    path: z
      .string()
      .regex(/^\/[!-~]*$/, {
        error: () => "a path starts with / and has visible ASCII only",
      })
      .refine(
        (path) => !/[?#%]|\/\.{1,2}(\/|$)|\/\//.test(path),
        "a path has no query, no escapes, no dot segments and no empty segments",
      )
      .default("/")
      .describe(
        "Prefix of the path, decoded, on a segment boundary: `/api` matches /api and " +
          "/api/x, not /apix. The longest one wins.",
      ),
    host: oneOrMore(hostPattern)
      .optional()
      .describe("Host names, without port; `*.example.com` matches every name below. Absent: any."),
    methods: oneOrMore(token("a method"))
      .optional()
      .describe("Methods, case-sensitive. Absent: any."),
    headers: z
      .record(
        token("a field name"),
        z.union([z.string(), z.boolean()], {
          error: "expected a string, true (present) or false (absent)",
        }),
      )
      .optional()
      .describe(
        "Field name → exact value of one of its lines, `true` (present) or `false` " +
          "(absent). All must hold.",
      ),
    pool: name.describe("The pool that serves the route."),
    audit: z
      .strictObject({ level: auditLevel.optional(), on_failure: onFailure.optional() })
      .default({})
      .describe(
        "Keys of `audit` that are different on this route. They speak for the index that its " +
          "path begins with: calls below it that may act on others (`/index/_bulk`, `_mget`, " +
          "`_msearch`, `_clone/other`) are recorded as the strictest route of the listener says. " +
          "Searches are not, though their queries may look up a document of another index " +
          "(`terms` lookup, `more_like_this`, `percolate`, `indexed_shape`).",
      ),
    timeouts: z
      .strictObject({
        response: duration({ zero: "off" }).describe("As in the pool."),
        response_long: duration({ zero: "off" }).describe(
          "As in the pool. Absent: this route's `response`.",
        ),
        body_idle: duration().describe("As in the pool."),
        total: duration({ zero: "off" }).describe("As in the pool."),
      })
      .partial()
      .default({})
      .describe("Keys of the pool's `timeouts` that are different on this route."),
    retry: routeRetry,
    upgrade: z
      .array(
        token("a protocol name")
          .transform((text) => text.toLowerCase())
          .refine(
            (text) => text !== "h2c" && text !== "http",
            "h2c is never allowed: it would pass requests unseen",
          ),
      )
      .prefault([])
      .describe(
        "Protocols that clients may switch to, such as [websocket]. Default: none, the " +
          "field is taken off. What passes behind the answer 101 is counted and not recorded.",
      ),
    rate_limit: rateLimit.optional(),
  })
  .describe("Which requests go to which pool, and what is different for them.");
