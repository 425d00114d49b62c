/** Decides how each body is recorded: by the level of its route, its direction and its API. */
import { matchApiEndpoint } from "../../elasticsearch/api/api-endpoint.ts";
import type { BodyFacts } from "../record/body-facts.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { SessionRecord } from "../record/session-record.ts";
import type { BodyRedactor } from "../redact/body-redactor.ts";
import type { Redactor } from "../redact/redactor.ts";
import { BodyTap, type BodyDirection, type TapSettings } from "./body-tap.ts";

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
    return this.#exchange(record, record.requestBody, "request", isCountedOnly(record));
  }

  /** For the body of a response whose head has arrived. */
  response(record: ExchangeRecord): BodyTap {
    const isCounted = !this.#hasResponseBodies || isCountedOnly(record);
    return this.#exchange(record, record.responseBody, "response", isCounted);
  }

  /** For the bytes that the router of TCP connections was shown. */
  session(record: SessionRecord): BodyTap {
    const redactor = this.#redactor.bytes();
    return new BodyTap(this.#settings, record.seen, record.id, "request", redactor, false);
  }

  #exchange(
    record: ExchangeRecord,
    body: BodyFacts,
    direction: BodyDirection,
    isCounted: boolean,
  ): BodyTap {
    const redactor = isCounted ? undefined : this.#bodyRedactor(record, direction);
    return new BodyTap(this.#settings, body, record.id, direction, redactor, isCounted);
  }

  #bodyRedactor(record: ExchangeRecord, direction: BodyDirection): BodyRedactor | undefined {
    const match = (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
    const redactor = this.#redactor;
    if (direction === "request")
      return redactor.body(match, direction, record.contentType, record.contentEncoding, 0);
    const { responseContentType, responseContentEncoding, status } = record;
    return redactor.body(match, direction, responseContentType, responseContentEncoding, status);
  }
}

function isCountedOnly({ route }: ExchangeRecord): boolean {
  return route !== undefined && route.level !== "full";
}
