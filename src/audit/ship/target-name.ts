/** Names of targets, for the files that hold how far they are. */

/** The usual data stream; the part before the first dash is what Kibana calls logs. */
export const usualDataStream = "logs-es_proxy.audit-default";

/**
 * The name of a target: its first node and its data stream, so that whoever ships there again goes
 * on where the last one was.
 */
export function targetName(nodes: readonly string[], dataStream: string): string {
  const { host } = new URL(nodes[0] ?? "");
  return `${host}-${dataStream}`.replaceAll(/[^\w.-]/g, "_");
}
