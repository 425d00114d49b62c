/** Decides how each body is recorded: by the level of its route, its direction and its API. */
import { matchApiEndpoint, type ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { SessionRecord } from "../record/session-record.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { BodyTap } from "./body-tap.ts";
import { CountingTap } from "./counting-tap.ts";
import { RecordingTap, type TapSettings } from "./recording-tap.ts";

/** Makes the taps of one trail. */
export class TapMaker {
  readonly #settings: TapSettings;
  readonly #redactor: Redactor;
  readonly #hasResponseBodies: boolean;
  /** False: bodies are counted only, whatever routes say. */
  keepsBodies = true;

  /**
   * @param redactor decides what of each body may be stored
   * @param hasResponseBodies false: the format has no place for response bodies, their size is
   *   counted only
   */
  constructor(settings: TapSettings, redactor: Redactor, hasResponseBodies: boolean) {
    this.#settings = settings;
    this.#redactor = redactor;
    this.#hasResponseBodies = hasResponseBodies;
  }

  /** For the body of a request; its method, target and route must be set. */
  request(record: ExchangeRecord): BodyTap {
    const { id, requestBody, contentType, contentEncoding } = record;
    if (!this.keepsBodies || isCountedOnly(record)) return new CountingTap(requestBody);
    const match = matchOf(record);
    const redactor = this.#redactor.body(match, "request", contentType, contentEncoding, 0);
    const isCoded = hasCoding(contentEncoding);
    return new RecordingTap(this.#settings, requestBody, id, "request", redactor, isCoded);
  }

  /** For the body of a response whose head has arrived. */
  response(record: ExchangeRecord): BodyTap {
    const { id, responseBody, status } = record;
    const { responseContentType: type, responseContentEncoding: coding } = record;
    const isKept = this.keepsBodies && this.#hasResponseBodies;
    if (!isKept || isCountedOnly(record)) return new CountingTap(responseBody);
    const redactor = this.#redactor.body(matchOf(record), "response", type, coding, status);
    const isCoded = hasCoding(coding);
    return new RecordingTap(this.#settings, responseBody, id, "response", redactor, isCoded);
  }

  /** For the bytes that the router of TCP connections was shown. */
  session({ id, seen }: SessionRecord): BodyTap {
    if (!this.keepsBodies) return new CountingTap(seen);
    const redactor = this.#redactor.bytes();
    return new RecordingTap(this.#settings, seen, id, "request", redactor, false);
  }
}

function matchOf(record: ExchangeRecord): ApiMatch {
  return (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
}

function hasCoding(contentEncoding: string | undefined): boolean {
  return contentEncoding !== undefined && contentEncoding !== "identity";
}

function isCountedOnly({ route }: ExchangeRecord): boolean {
  return route !== undefined && route.level !== "full";
}
