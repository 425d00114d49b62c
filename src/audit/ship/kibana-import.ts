/** Gives saved objects to a Kibana through its import API. */
import { randomUUID } from "node:crypto";

import { ClusterError, type ClusterClient } from "./cluster-client.ts";
import { kibanaLines } from "./kibana-objects.ts";

/** What is asked of Kibana; what is there under the same ids is written over. */
export const importPath = "/api/saved_objects/_import?overwrite=true";

/** An answer of the import. */
interface ImportAnswer {
  readonly success?: boolean;
  readonly successCount?: number;
  readonly errors?: readonly {
    readonly id?: string;
    readonly type?: string;
    readonly error?: { readonly type?: string };
  }[];
}

/**
 * Imports data view, searches and dashboard.
 *
 * @param client of a Kibana; a path of its URL may name a space: `https://kibana:5601/s/audit`
 * @returns how many objects were imported
 * @throws {ClusterError} when Kibana cannot be asked, or takes less than all
 */
export async function importDashboard(client: ClusterClient, dataStream: string): Promise<number> {
  const boundary = `es-proxy-${randomUUID()}`;
  const answer = (await client.request({
    method: "POST",
    path: importPath,
    body:
      `--${boundary}\r\n` +
      `Content-Disposition: form-data; name="file"; filename="es-proxy.ndjson"\r\n` +
      `Content-Type: application/ndjson\r\n\r\n${kibanaLines(dataStream)}\r\n--${boundary}--\r\n`,
    contentType: `multipart/form-data; boundary=${boundary}`,
  })) as ImportAnswer;
  if (answer.success === true) return answer.successCount ?? 0;
  const reasons = (answer.errors ?? []).map(
    ({ type = "?", id = "?", error }) => `${type} ${id}: ${error?.type ?? "unknown"}`,
  );
  throw new ClusterError(`Kibana did not take everything: ${reasons.slice(0, 5).join("; ")}`);
}
