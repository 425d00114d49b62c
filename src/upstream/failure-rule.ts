import { Buffer } from "node:buffer";
import { StatusSet } from "../core/status-set.ts";
import { errorStartBytes, isErrorBody } from "../elasticsearch/api/error-answer.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import { fieldId } from "../http1/field-names.ts";
import type { MessageHead } from "../http1/message-head.ts";

/** Statuses that say by themselves that an endpoint cannot serve (RFC 9110 §15.6.3 to §15.6.5). */
const gatewayFailures = [{ from: 502, to: 504 }];

/**
 * Which answers count as failures of their endpoint. 429 is back pressure, never a failure. A 500
 * of Elasticsearch's own is about the request: five bad queries of one client must not take a
 * healthy node away from everybody.
 */
export class FailureRule {
  readonly #statuses: StatusSet;
  readonly #judges500: boolean;

  /**
   * @param statuses what counts whatever the answer says; `undefined`: 502 to 504, and a 500 that
   *   is not Elasticsearch's own
   */
  constructor(statuses: ConstructorParameters<typeof StatusSet>[0] | undefined) {
    this.#statuses = new StatusSet(statuses ?? gatewayFailures);
    this.#judges500 = statuses === undefined;
  }

  /** By the head and what is there of the body. */
  isFailure(head: MessageHead, piece: BodyPiece): boolean {
    const { status } = head;
    if (status === 500 && this.#judges500) return !isElasticsearchs(head, piece);
    return status !== 429 && this.#statuses.has(status);
  }
}

/** Versions from 7.14 on name themselves; older ones, and OpenSearch, are known by the body. */
function isElasticsearchs(head: MessageHead, piece: BodyPiece): boolean {
  if (head.fieldValues("x-elastic-product").length > 0) return true;
  const start = Buffer.allocUnsafe(errorStartBytes);
  const coding = head.fieldValue(fieldId["content-encoding"]);
  return isErrorBody(start.subarray(0, piece.copyContentTo(start, 0)), coding?.toLowerCase());
}
