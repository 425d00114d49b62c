import type { EsError } from "../es-error.ts";
import type { Caller } from "../security/caller.ts";
import type { ClusterNode } from "../store/cluster-node.ts";
import type { QueryParameters } from "./query-parameters.ts";

/** One action of a bulk request, as a scripted fault sees it. */
export interface BulkActionView {
  readonly kind: string;
  readonly index: string;
  readonly id: string | undefined;
  /** Source line, empty for `delete`. */
  readonly source: string;
}

/** Decides whether a bulk action fails instead of being executed. */
export type FailBulkItem = (action: BulkActionView) => EsError | undefined;

/**
 * One request as the handlers of the API endpoints see it: routed, decoded, its body complete and
 * uncompressed.
 */
export interface EsRequest {
  /** The node that it has reached. */
  readonly node: ClusterNode;
  readonly method: string;
  /** Request target exactly as received, with its query. */
  readonly target: string;
  /** Path part of the target, undecoded; error texts quote it. */
  readonly path: string;
  /** Decoded values of the placeholders of the matched route. */
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: QueryParameters;
  /** Body bytes; empty when there was none. */
  readonly body: Buffer;
  /** Media type of the body without parameters, lower case; empty when none was sent. */
  readonly contentType: string;
  /** `performance.now()` when the head had been read; the source of `took`. */
  readonly startedMs: number;
  /** `X-Opaque-Id`, which shows up among the headers of tasks; `undefined`: none was sent. */
  readonly opaqueId: string | undefined;
  /**
   * True when `Accept` names JSON and nothing before it; the cat endpoints then answer JSON too.
   */
  readonly prefersJson: boolean;
  /** Who sends it; `undefined` without security. */
  readonly caller: Caller | undefined;
  /** The field `Accept` as sent; `undefined`: none was. */
  readonly accept: string | undefined;
  /** Scripted failures of bulk items; `undefined` for none. */
  readonly failBulkItem: FailBulkItem | undefined;
}

/**
 * What an API endpoint answers; exactly one of `value`, `json` and `text` is set, or none for an
 * empty body.
 */
export interface EsReply {
  readonly status: number;
  /** To be serialised as JSON. */
  readonly value: object | undefined;
  /** JSON text that was assembled from stored sources and needs no further serialisation. */
  readonly json: string | undefined;
  /** Plain text, for the cat endpoints. */
  readonly text: string | undefined;
  /** Flat list of names and values that go beside the standard fields; `undefined` for none. */
  readonly headers: readonly string[] | undefined;
  /** Media type of a text; absent: plain text. */
  readonly contentType?: string;
  /** It is not filtered by `filter_path`. @default true for what looks like an error */
  readonly isWhole?: boolean;
}

/** A JSON answer. */
export function jsonReply(value: object, status = 200, headers?: readonly string[]): EsReply {
  return { status, value, json: undefined, text: undefined, headers };
}

/** An answer whose JSON text is ready. */
export function jsonTextReply(json: string, status = 200): EsReply {
  return { status, value: undefined, json, text: undefined, headers: undefined };
}

/** A plain text answer. */
export function textReply(text: string, status = 200): EsReply {
  return { status, value: undefined, json: undefined, text, headers: undefined };
}

/** An answer without a body. */
export function emptyReply(status: number): EsReply {
  return { status, value: undefined, json: undefined, text: undefined, headers: undefined };
}
