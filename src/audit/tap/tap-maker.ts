/** Decides how each body is recorded: by the level of its route, its direction and its API. */
import { matchApiEndpoint } from "../../elasticsearch/api/api-endpoint.ts";
import type { BodyFacts } from "../record/body-facts.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { SessionRecord } from "../record/session-record.ts";
import type { BodyRedactor } from "../redact/body-redactor.ts";
import { HiddenBody } from "../redact/hidden-body.ts";
import { hidesBodies } from "../redact/redaction.ts";
import { BodyTap, type BodyDirection, type TapSettings } from "./body-tap.ts";

/** Makes the taps of one trail. */
export class TapMaker {
  readonly #settings: TapSettings;
  readonly #key: Uint8Array;
  readonly #hasResponseBodies: boolean;

  /**
   * @param key of the keyed hashes that stand for secrets
   * @param hasResponseBodies false: the format has no place for response bodies, their size is
   *   counted only
   */
  constructor(settings: TapSettings, key: Uint8Array, hasResponseBodies: boolean) {
    this.#settings = settings;
    this.#key = key;
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
    return new BodyTap(this.#settings, record.seen, record.id, "request", undefined, false);
  }

  #exchange(
    record: ExchangeRecord,
    body: BodyFacts,
    direction: BodyDirection,
    isCounted: boolean,
  ): BodyTap {
    const redactor = isCounted ? undefined : this.#redactor(record);
    return new BodyTap(this.#settings, body, record.id, direction, redactor, isCounted);
  }

  #redactor(record: ExchangeRecord): BodyRedactor | undefined {
    const match = (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
    return hidesBodies(match.endpoint) ? new HiddenBody(this.#key) : undefined;
  }
}

function isCountedOnly({ route }: ExchangeRecord): boolean {
  return route !== undefined && route.level !== "full";
}
