import type { Buffer } from "node:buffer";
import type { ApiMatch } from "../../api/api-endpoint.ts";
import { bodyFormatOf } from "../body-format.ts";
import type { BodyReader } from "../body-reader.ts";
import type { ExaminationReason } from "../examination.ts";
import { answerShapeOf } from "./endpoint-answers.ts";
import { JsonAnswer, type ResponseOptions } from "./json-answer.ts";
import type { ResponseFacts } from "./response-facts.ts";

/** What is known of a response before its body. */
export interface ResponseHead {
  readonly status: number;
  /** `Content-Type` as received; undefined: none. */
  readonly contentType: string | undefined;
  /** The request asked ES|QL or SQL for columns (`columnar` in its body). */
  readonly isColumnar?: boolean;
}

/**
 * Reads the facts of a response.
 *
 * @param match of the request
 */
export function responseFacts(
  match: ApiMatch,
  head: ResponseHead,
  options: ResponseOptions,
): BodyReader<ResponseFacts> {
  const shape = answerShapeOf(match.endpoint.name, head.status);
  const form = {
    hasTypedKeys: /(?:^|&)typed_keys(?:=(?:true)?)?(?:&|$)/.test(match.query ?? ""),
    isColumnar: head.isColumnar === true,
  };
  const answer = new JsonAnswer(shape, head.status, form, options);
  const isUnknown = match.endpoint.name === "unknown";
  if (bodyFormatOf(head.contentType) !== "json") return new UnreadAnswer(answer);
  return isUnknown ? new GuessedAnswer(answer) : answer;
}

/** Counts the bytes of an answer that is in no format that is read. */
class UnreadAnswer implements BodyReader<ResponseFacts> {
  readonly #empty: JsonAnswer;
  #bytes = 0;

  constructor(empty: JsonAnswer) {
    this.#empty = empty;
  }

  write(_piece: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
  }

  finish(): ResponseFacts {
    const bytes = this.#bytes;
    const facts = this.#empty.finish();
    if (bytes === 0) return facts;
    return { ...facts, body: { state: "none", reason: "media_type", bytes } };
  }
}

/** An answer to a call that is not known: what was found in it is right, but may not be all. */
class GuessedAnswer implements BodyReader<ResponseFacts> {
  readonly #answer: JsonAnswer;

  constructor(answer: JsonAnswer) {
    this.#answer = answer;
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#answer.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): ResponseFacts {
    const facts = this.#answer.finish(reason);
    if (facts.body.state !== "whole") return facts;
    return { ...facts, body: { ...facts.body, state: "partial", reason: "unknown_api" } };
  }
}
