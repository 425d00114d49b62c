/** Decides how each body is recorded: by the level of its route, its direction and its API. */
import { matchApiEndpoint, type ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { Clock } from "../../core/clock.ts";
import type { WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";
import { examinerSettings, type ExaminerSettings } from "../examine/exchange-examiner.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { SessionRecord } from "../record/session-record.ts";
import type { Redactor } from "../redact/redactor.ts";
import type { BodyTap } from "./body-tap.ts";
import { CountingTap } from "./counting-tap.ts";
import { RecordingTap, type TapSettings } from "./recording-tap.ts";
import { TappedFacts } from "./tapped-facts.ts";

/** What the facts of bodies need that are not recorded. */
export interface FactsOptions {
  /** Secret of the trail that names cursors; called for the first exchange that needs it. */
  readonly key: () => Uint8Array;
  readonly watch: readonly WatchRule[];
}

/** What the form of the records leaves room for. */
export interface TapFormat {
  readonly format: "ecs" | "text";
  /** Absent: bodies of the level `facts` are counted only. */
  readonly facts?: FactsOptions | undefined;
}

/** Makes the taps of one trail. */
export class TapMaker {
  readonly #settings: TapSettings;
  readonly #redactor: Redactor;
  readonly #hasResponseBodies: boolean;
  readonly #clock: Clock;
  readonly #facts: FactsOptions | undefined;
  /** Made for the first exchange whose level is `facts`. */
  #examining: ExaminerSettings | undefined = undefined;
  readonly #matches = new WeakMap<ApiMatch, ApiMatch>();
  /** False: bodies are counted only, whatever routes say. */
  keepsBodies = true;

  /**
   * @param redactor decides what of each body may be stored
   * @param clock of the times in records
   * @param format `text` has no place for response bodies, whose size is counted, nor for facts
   */
  constructor(
    settings: TapSettings,
    redactor: Redactor,
    clock: Clock,
    { format, facts }: TapFormat,
  ) {
    const hasResponseBodies = format === "ecs";
    this.#clock = clock;
    this.#facts = hasResponseBodies ? facts : undefined;
    this.#settings = settings;
    this.#redactor = redactor;
    this.#hasResponseBodies = hasResponseBodies;
  }

  /** For the body of a request; its method, target and route must be set. */
  request(record: ExchangeRecord): BodyTap {
    const { id, requestBody, contentType, contentEncoding } = record;
    const tapped = record.route?.level === "facts" ? this.#factsOf(record) : undefined;
    if (tapped === undefined && (!this.keepsBodies || isCountedOnly(record)))
      return new CountingTap(requestBody);
    const match = matchOf(record);
    const redactor = this.#redactor.body(match, "request", contentType, contentEncoding, 0);
    if (tapped !== undefined) return tapped.request(record, redactor);
    const isCoded = hasCoding(contentEncoding);
    return new RecordingTap(this.#settings, requestBody, id, "request", redactor, isCoded);
  }

  /** For the body of a response whose head has arrived. */
  response(record: ExchangeRecord): BodyTap {
    const { id, requestBody, responseBody, status } = record;
    const { responseContentType: type, responseContentEncoding: coding } = record;
    const tapped = record.route?.level === "facts" ? this.#factsOf(record) : undefined;
    const isKept = this.keepsBodies && this.#hasResponseBodies;
    if (tapped === undefined && (!isKept || isCountedOnly(record)))
      return new CountingTap(responseBody);
    const match = matchOf(record);
    const isEarly = requestBody.sink !== undefined && this.#redactor.dependsOnRequest(match);
    const asked = isEarly ? { namesCredentials: true, secrets: undefined } : requestBody;
    const redactor = this.#redactor.body(match, "response", type, coding, status, asked);
    if (tapped !== undefined) return tapped.response(record, redactor);
    const isCoded = hasCoding(coding);
    return new RecordingTap(this.#settings, responseBody, id, "response", redactor, isCoded);
  }

  /** The exchange is over: bodies that are still under way were cut. */
  finish(record: ExchangeRecord): void {
    record.requestBody.sink?.finish(false);
    record.responseBody.sink?.finish(false);
    // One without bodies has facts, too.
    if (record.route?.level === "facts") this.#factsOf(record);
  }

  /**
   * What is known of the bodies of an exchange whose route has the level `facts`; `undefined`:
   * nothing is.
   */
  #factsOf(record: ExchangeRecord): TappedFacts | undefined {
    const { facts } = record;
    if (facts instanceof TappedFacts) return facts;
    if (this.#facts === undefined) return undefined;
    this.#examining ??= examinerSettings(this.#facts.key(), this.#facts.watch);
    const startedMs = this.#clock.wallAt(record.startedMs);
    const tapped = new TappedFacts(this.#examining, this.#recordedMatch(record), startedMs);
    record.facts = tapped;
    return tapped;
  }

  /** The match of the target as it may be recorded: names in it may be secrets. */
  #recordedMatch(record: ExchangeRecord): ApiMatch {
    const match = matchOf(record);
    const known = this.#matches.get(match);
    if (known !== undefined) return known;
    const { path, query } = this.#redactor.target(match);
    const target = query === undefined ? path : `${path}?${query}`;
    const recorded =
      path === match.path && query === match.query
        ? match
        : matchApiEndpoint(record.method, target);
    this.#matches.set(match, recorded);
    return recorded;
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
