import { EsError } from "../es-error.ts";

/**
 * The error that a scripted status is answered with, in Elasticsearch's words where it has some.
 */
export function faultError(status: number, index?: string): EsError {
  switch (status) {
    case 401:
      return new EsError(
        401,
        "security_exception",
        "missing authentication credentials for REST request",
      );
    case 403:
      return new EsError(403, "security_exception", "action is unauthorized");
    case 409:
      return new EsError(
        409,
        "version_conflict_engine_exception",
        "version conflict, scripted by mock-es",
        index === undefined ? {} : { index, shard: "0" },
      );
    case 413:
      return new EsError(
        413,
        "circuit_breaking_exception",
        "request body is too large, scripted by mock-es",
      );
    case 429:
      return new EsError(
        429,
        "es_rejected_execution_exception",
        "rejected execution of primary operation [coordinating_and_primary_bytes=0, " +
          "replica_bytes=0, all_bytes=0], scripted by mock-es",
      );
    case 503:
      return new EsError(
        503,
        "cluster_block_exception",
        "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered / initialized];",
      );
    default:
      return new EsError(status, "mock_es_fault", `status ${status}, scripted by mock-es`);
  }
}
