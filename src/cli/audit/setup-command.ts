/** The command `es-proxy audit setup`. */
import { ClusterClient, ClusterError } from "../../audit/ship/cluster-client.ts";
import { importDashboard, importPath } from "../../audit/ship/kibana-import.ts";
import { kibanaLines } from "../../audit/ship/kibana-objects.ts";
import { setUp, setupSteps } from "../../audit/ship/stream-setup.ts";
import { usualDataStream } from "../../audit/ship/target-name.ts";
import type { CommandSpec } from "../command-line.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError } from "../usage-error.ts";
import { certificateOptions, clusterOf, credentialNotes } from "./cluster-options.ts";
import { oneOf, wholeNumber } from "./option-values.ts";

const name = "audit setup";
const codecs = ["best_compression", "default"] as const;
const usualRetention = "365d";
/** A time that `data_retention` takes. */
const retentionPattern = /^[1-9]\d{0,8}(?:d|h|m|s|ms)$/;

/** `es-proxy audit setup`. */
export const setupCommand: CommandSpec = {
  name,
  summary: "Make an Elasticsearch ready for `audit ship`: template, retention, dashboard.",
  operands: [],
  options: [
    { name: "to", value: "URL,…", help: "Nodes of the cluster: https://audit.internal:9200." },
    { name: "data-stream", value: "NAME", help: `Default: ${usualDataStream}.` },
    {
      name: "retention",
      value: "TIME",
      help: `How long documents are kept, or "forever"; default: ${usualRetention}.`,
    },
    { name: "replicas", value: "N", help: "Copies of each shard; default: 1." },
    {
      name: "codec",
      value: "NAME",
      help: `How documents are compressed: ${codecs.join(", ")}; default: ${codecs[0]}.`,
    },
    { name: "kibana", value: "URL", help: "Import data view, searches and dashboard there." },
    { name: "dry-run", help: "Print the requests, as Console takes them, and send none." },
    ...certificateOptions,
  ],
  notes:
    "What is there as it should be is left alone. Without --kibana the dashboard is a file that\n" +
    "Kibana imports (Stack Management, Saved Objects): deploy/kibana-dashboard.ndjson of the\n" +
    "sources, or the end of --dry-run. A space is part of its URL: https://kibana:5601/s/audit.\n" +
    credentialNotes,
  examples: [
    ["es-proxy audit setup --dry-run", "What would be done."],
    ["es-proxy audit setup --to https://audit.internal:9200 --retention 90d", "Do it."],
    [
      "es-proxy audit setup --to https://audit.internal:9200 --kibana https://kibana.internal:5601",
      "And the dashboard.",
    ],
  ],
  async run(line) {
    const retention = line.value("retention") ?? usualRetention;
    if (retention !== "forever" && !retentionPattern.test(retention))
      throw new UsageError(
        name,
        `--retention is a time such as 90d, or forever; got "${retention}"`,
      );
    const stream = {
      dataStream: line.value("data-stream") ?? usualDataStream,
      retention: retention === "forever" ? undefined : retention,
      replicas: wholeNumber(name, "replicas", line.value("replicas") ?? "1", 0),
      codec: oneOf(name, "codec", line.value("codec") ?? codecs[0], codecs),
    };
    if (line.isGiven("dry-run")) {
      for (const { method, path, body } of setupSteps(stream))
        process.stdout.write(`${method} ${path}\n${JSON.stringify(body, undefined, 2)}\n\n`);
      process.stdout.write(`POST kbn:${importPath}\n${kibanaLines(stream.dataStream)}`);
      return exitCodes.ok;
    }
    const client = new ClusterClient(clusterOf(name, "to", line, process.env));
    const kibana = line.isGiven("kibana")
      ? new ClusterClient({ ...clusterOf(name, "kibana", line, process.env), product: "kibana" })
      : undefined;
    try {
      const { done, isPlain } = await setUp(client, stream);
      if (isPlain)
        process.stderr.write("the cluster has no type wildcard: keywords stand in its place\n");
      for (const { path } of done) process.stdout.write(`made ${path}\n`);
      if (done.length === 0) process.stdout.write("all is as it should be\n");
      if (kibana !== undefined) {
        const count = await importDashboard(kibana, stream.dataStream);
        process.stdout.write(`imported ${count} objects into Kibana\n`);
      }
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      process.stderr.write(`es-proxy ${name}: ${error.message}\n`);
      return exitCodes.failure;
    } finally {
      await kibana?.close();
      await client.close();
    }
  },
};
