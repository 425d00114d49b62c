import { Buffer } from "node:buffer";
import { StatusSet } from "../core/status-set.ts";
import { errorStartBytes, isErrorBody, isRequestError } from "../elasticsearch/api/error-answer.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import { fieldId } from "../http1/field-names.ts";
import type { MessageHead } from "../http1/message-head.ts";

/** Statuses that say by themselves that an endpoint cannot serve (RFC 9110 §15.6.3 to §15.6.5). */
const gatewayFailures = [{ from: 502, to: 504 }];

/**
 * Which answers count as failures of their endpoint. 429 is back pressure, never a failure. A 500
 * of Elasticsearch's own is about the request, and so are some of its 503: five bad queries of one
 * client must not take a healthy node away from everybody.
 */
export class FailureRule {
  readonly #statuses: StatusSet;
  readonly #judges: boolean;

  /**
   * @param statuses what counts whatever the answer says; `undefined`: 502 to 504, but for a 503
   *   about the request, and a 500 that is not Elasticsearch's own
   */
  constructor(statuses: ConstructorParameters<typeof StatusSet>[0] | undefined) {
    this.#statuses = new StatusSet(statuses ?? gatewayFailures);
    this.#judges = statuses === undefined;
  }

  /**
   * By the head and what is there of the body. The beginning of an error may come behind its head,
   * even byte by byte: then its verdict is open.
   *
   * @param answersHead the answer has no body, because it is one to HEAD
   * @returns `undefined`: it says neither that the endpoint is well nor that it is not
   */
  isFailure(
    head: MessageHead,
    piece: BodyPiece,
    answersHead: boolean,
  ): boolean | OpenVerdict | undefined {
    const { status } = head;
    if (!this.#judges || (status !== 500 && status !== 503))
      return status !== 429 && this.#statuses.has(status);
    // Versions from 7.14 on name themselves; older ones, and OpenSearch, are known by the body.
    const isNamed = head.fieldValues("x-elastic-product").length > 0;
    if (answersHead) {
      const type = head.fieldValue(fieldId["content-type"]) ?? "";
      if (!isNamed && !errorType.test(type)) return true;
      // A document whose shard is missing, or a node without a cluster: the body would tell.
      return status === 503 ? undefined : false;
    }
    const coding = head.fieldValue(fieldId["content-encoding"])?.toLowerCase();
    if (status === 503) return verdictOf(new OpenVerdict(isRequestError, coding), piece);
    return isNamed ? false : verdictOf(new OpenVerdict(isErrorBody, coding), piece);
  }
}

function verdictOf(verdict: OpenVerdict, piece: BodyPiece): boolean | OpenVerdict {
  return verdict.add(piece) ?? verdict;
}

/** Media types of Elasticsearch's errors, which are all that an answer to HEAD has of one. */
const errorType = /^application\/(?:vnd\.elasticsearch\+)?(?:json|yaml|cbor|smile)\s*(?:;|$)/i;

/** Whether an answer is a failure, which the beginning of its body decides. */
export class OpenVerdict {
  readonly #isExcused: typeof isErrorBody;
  readonly #coding: string | undefined;
  readonly #start = Buffer.allocUnsafe(errorStartBytes);
  #length = 0;

  /**
   * @param isExcused whether a body that begins so is none of a failure
   * @param coding the body's content coding, in lower case
   */
  constructor(isExcused: typeof isErrorBody, coding: string | undefined) {
    this.#isExcused = isExcused;
    this.#coding = coding;
  }

  /** Another piece of the body. @returns whether it is a failure; `undefined`: still open */
  add(piece: BodyPiece): boolean | undefined {
    this.#length = Math.min(piece.copyContentTo(this.#start, this.#length), errorStartBytes);
    return piece.isOver || this.#length === errorStartBytes ? this.end() : undefined;
  }

  /** Nothing more comes. @returns whether it is a failure */
  end(): boolean {
    return !this.#isExcused(this.#start.subarray(0, this.#length), this.#coding);
  }
}
