/** Decides how each body is recorded: by the level of its route, its direction and its API. */
import { matchApiEndpoint, type ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { SessionRecord } from "../record/session-record.ts";
import type { BodyRedactor } from "../redact/body-redactor.ts";
import type { Redactor } from "../redact/redactor.ts";
import { BodyTap, type TapSettings } from "./body-tap.ts";

/** Makes the taps of one trail. */
export class TapMaker {
  readonly #settings: TapSettings;
  readonly #redactor: Redactor;
  readonly #hasResponseBodies: boolean;

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
    const isCounted = isCountedOnly(record);
    return new BodyTap(this.#settings, record.requestBody, {
      id: record.id,
      direction: "request",
      isCoded: isCoded(record.contentEncoding),
      isCountedOnly: isCounted,
      redactor: isCounted ? undefined : this.#requestRedactor(record),
    });
  }

  /** For the body of a response whose head has arrived. */
  response(record: ExchangeRecord): BodyTap {
    const isCounted = !this.#hasResponseBodies || isCountedOnly(record);
    return new BodyTap(this.#settings, record.responseBody, {
      id: record.id,
      direction: "response",
      isCoded: isCoded(record.responseContentEncoding),
      isCountedOnly: isCounted,
      redactor: isCounted ? undefined : this.#responseRedactor(record),
    });
  }

  /** For the bytes that the router of TCP connections was shown. */
  session(record: SessionRecord): BodyTap {
    return new BodyTap(this.#settings, record.seen, {
      id: record.id,
      direction: "request",
      isCoded: false,
      isCountedOnly: false,
      redactor: this.#redactor.bytes(),
    });
  }

  #requestRedactor(record: ExchangeRecord): BodyRedactor | undefined {
    const { contentType, contentEncoding } = record;
    return this.#redactor.body(matchOf(record), "request", contentType, contentEncoding, 0);
  }

  #responseRedactor(record: ExchangeRecord): BodyRedactor | undefined {
    const { responseContentType: type, responseContentEncoding: encoding, status } = record;
    return this.#redactor.body(matchOf(record), "response", type, encoding, status);
  }
}

function matchOf(record: ExchangeRecord): ApiMatch {
  return (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
}

function isCoded(contentEncoding: string | undefined): boolean {
  return contentEncoding !== undefined && contentEncoding !== "identity";
}

function isCountedOnly({ route }: ExchangeRecord): boolean {
  return route !== undefined && route.level !== "full";
}
