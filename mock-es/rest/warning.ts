import type { Cluster } from "../store/cluster.ts";

/**
 * A `Warning` field with a deprecation message, as the server words it (RFC 7234 §5.5, code 299).
 */
export function warningHeader(cluster: Cluster, message: string): string[] {
  const { version, buildHash } = cluster.profile;
  return [
    "Warning",
    `299 Elasticsearch-${version}-${buildHash} "${message.replaceAll('"', '\\"')}"`,
  ];
}
