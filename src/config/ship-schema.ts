/** `audit.ship`: clusters that the trail is shipped to. */
import { z } from "zod";

import { defaults } from "./defaults.ts";
import { durationOr, endpointUrl, file, oneOrMore, sizeOr } from "./scalar-schemas.ts";

/** Told by its own name: endpoints of pools leave credentials to their clients. */
const withoutCredentials = z
  .string()
  .refine(
    (url) => !/^https?:\/\/[^/?#]*@/.test(url),
    "credentials do not stand in the URL: use api_key_file",
  );

const node = withoutCredentials
  .pipe(endpointUrl)
  .refine(
    ({ scheme, address }) => scheme !== "tcp" && address.kind === "tcp",
    "expected http://host:port or https://host:port",
  );

/** Names of data streams; the cluster has the last word. */
const streamPattern = /^(?![-_+.])[a-z0-9_.+-]{1,200}$/;

/** The `ship` list of `audit`. */
export const shipSchema = z
  .array(
    z
      .strictObject({
        elasticsearch: oneOrMore(node).describe("Nodes of one cluster, taken in turn."),
        data_stream: z
          .string()
          .regex(streamPattern, "expected the name of a data stream, in lower case")
          .default(defaults.ship.dataStream)
          .describe("Made from the template that `es-proxy audit setup` has put there."),
        api_key_file: file
          .optional()
          .describe(
            "File with an API key as Elasticsearch gives it (`encoded`), read with each request. " +
              "It needs `create_doc` and `auto_configure` on the data stream.",
          ),
        ca: file
          .optional()
          .describe("Authorities for the nodes' certificates, PEM. Default: those of Node.js."),
        bodies: sizeOr(defaults.ship.bodyBytes, { zero: "off" }).describe(
          "Bodies that stand in their records are shipped up to this size. 0: none is.",
        ),
        every: durationOr(defaults.ship.everyMs).describe(
          "Between two looks at a trail that had nothing new.",
        ),
      })
      .describe("One data stream."),
  )
  .max(8)
  .default([])
  .describe(
    "Data streams that every exchange is shipped to, as one document, in a thread beside the " +
      "traffic. Default: none.",
  );
