/** `audit.coverage`: what the nodes have served is compared with what is on record. */
import { z } from "zod";

import { defaults } from "./defaults.ts";
import { cidr, durationOr, file, name } from "./scalar-schemas.ts";

const longestMs = 240_000;

/** The `coverage` section of `audit`. */
export const coverageSchema = z
  .strictObject({
    every: durationOr(defaults.coverage.everyMs)
      .refine(
        (ms) => ms <= longestMs,
        "at most 4m: Elasticsearch forgets closed connections after 5m",
      )
      .describe(
        "Between two looks at the nodes' counters (`_nodes/stats/http`); at most 4m, because " +
          "Elasticsearch forgets closed connections after 5m.",
      ),
    pools: z
      .array(name)
      .default([])
      .describe(
        "Pools of Elasticsearch whose nodes are asked. Default: all that routes with an audit use.",
      ),
    authorization_file: file
      .optional()
      .describe(
        "File with the value of `Authorization`, such as `ApiKey …`, for the privilege " +
          "`monitor`; read for each look. Default: that of the pool's `health`.",
      ),
    exempt: z
      .array(cidr)
      .default([])
      .describe(
        "Addresses whose requests to the nodes need no record here: other recording proxies, " +
          "monitoring.",
      ),
  })
  .describe(
    "Compares what the nodes have served with what is on record, and names clients that go past " +
      "the proxy. Absent: nothing is asked.",
  );
