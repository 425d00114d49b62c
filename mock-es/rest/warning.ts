import type { Cluster } from "../store/cluster.ts";

/**
 * A `Warning` field with a deprecation message, as the server words it (RFC 7234 §5.5, code 299).
 */
export function warningHeader(cluster: Cluster, message: string): string[] {
  const { version, buildHash } = cluster.profile;
  return ["Warning", `299 Elasticsearch-${version}-${buildHash} "${quoted(message)}"`];
}

/** The text of a quoted string; what may not stand in a field is percent-encoded as UTF-8. */
function quoted(message: string): string {
  const escaped = message.replaceAll(/["\\]/g, String.raw`\$&`);
  return escaped.replaceAll(/[^\t !-$&-~\u0080-\u00ff]/gu, (character) =>
    Array.from(
      Buffer.from(character, "utf8"),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    ).join(""),
  );
}
