/** The options by which a question is asked of a whole fleet, not of one directory. */
import type { ClusterOptions } from "../../audit/ship/cluster-client.ts";
import { usualDataStream } from "../../audit/ship/target-name.ts";
import type { CommandLine, OptionSpec } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";
import { certificateOptions, clusterOf } from "./cluster-options.ts";

/** Where the trail of a fleet is. */
export interface FleetStream {
  readonly cluster: ClusterOptions;
  readonly dataStream: string;
}

/** Options of commands that can ask a data stream. */
export const fleetOptions: readonly OptionSpec[] = [
  {
    name: "elasticsearch",
    value: "URL,…",
    help: "Ask the data stream of a fleet; credentials in ES_API_KEY, or ES_USER, ES_PASSWORD.",
  },
  { name: "data-stream", value: "NAME", help: `Default: ${usualDataStream}.` },
  ...certificateOptions,
];

/**
 * What the command line says of a fleet; `undefined`: a directory is asked.
 *
 * @throws {UsageError} for a URL that is none, and for both at once
 */
export function fleetOf(
  command: string,
  line: CommandLine,
  environment: NodeJS.ProcessEnv,
): FleetStream | undefined {
  if (!line.isGiven("elasticsearch")) return undefined;
  if (line.isGiven("dir"))
    throw new UsageError(command, "--dir and --elasticsearch exclude each other");
  return {
    cluster: clusterOf(command, "elasticsearch", line, environment),
    dataStream: line.value("data-stream") ?? usualDataStream,
  };
}
