/** Remembers what was derived of exchanges that come again with other values. */
import type { CountingValues } from "../../elasticsearch/body/counting-values.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import type { UsedDocuments } from "../examine/document-uses.ts";
import type { AskedFacts } from "../examine/exchange-examiner.ts";
import type { FactsParts } from "../examine/facts-text.ts";
import type { Examined } from "../record/examined.ts";
import { ContentForm } from "./content-form.ts";
import type { LineBody, LineBytes, LineExchange } from "./line-exchange.ts";

/** All that is remembered; when it is more, it is forgotten, and learned again. Bytes. */
const maxBytes = 8_388_608;
/** Forms of requests to one target, of answers to one request: each costs 1.5 ns a byte at most. */
const [maxRequests, maxAnswers] = [5, 4];
/** Targets of which it is known that they came before; a few share a slot. */
const targetSlots = 1024;

/**
 * A form that is learned costs about as much as reading the body once more. Where the forms that
 * were learned are never met again, only one of so many bodies is learned.
 */
class Credit {
  #left = 8;
  #misses = 0;

  /** Whether it is worth while to look, and to learn. */
  get isGiven(): boolean {
    return this.#left > 0 || this.#misses % seldom === 0;
  }

  hit(): void {
    if (this.#left < maxCredit) this.#left += 1;
  }

  miss(): void {
    this.#misses += 1;
  }

  charge(): void {
    if (this.#left > 0) this.#left -= 1;
  }
}

const maxCredit = 64;
const seldom = 64;

/** What was derived of an answer, beside what its own bytes say. */
export interface KnownAnswer {
  readonly status: number;
  readonly mediaType: string | undefined;
  readonly form: ContentForm | undefined;
  readonly request: Examined;
  readonly response: Examined;
  readonly parts: FactsParts;
  /** Whether the time that the cluster took stands in the facts. */
  readonly took: number | undefined;
  readonly hasOpenTook: boolean;
  readonly page: ReadPage | undefined;
  /** Members of the page. */
  readonly read: string;
  readonly documents: UsedDocuments | undefined;
}

/** Requests of one form, and their answers. */
interface KnownRequest {
  readonly method: string;
  readonly mediaType: string | undefined;
  readonly form: ContentForm | undefined;
  /** `undefined`: it names documents, which have to be told each time. */
  readonly asked: AskedFacts | undefined;
  readonly answers: KnownAnswer[];
  readonly credit: Credit;
}

interface KnownTarget {
  readonly requests: KnownRequest[];
  readonly credit: Credit;
}

/** What is learned of an exchange. */
export interface LearnedExchange {
  readonly asked: AskedFacts | undefined;
  readonly answer: Omit<KnownAnswer, "status" | "mediaType" | "form" | "hasOpenTook">;
}

/**
 * Clients ask the same over and over with other values, and get answers of the same form: what
 * follows from the form alone is derived once. Two exchanges are the same when method, target,
 * status, media types and all bytes of both bodies are, but for values that no fact rests on
 * (`CountingValues`). Targets are learned when they come for the second time.
 */
export class KnownExchanges {
  #targets = new Map<string, KnownTarget>();
  readonly #seen = new Int32Array(targetSlots);
  #bytes = 0;
  #request: KnownRequest | undefined = undefined;
  #wants = false;

  /** Whether the exchange that was looked for last is to be learned. */
  get wants(): boolean {
    return this.#wants;
  }

  /** What the request that was looked for last asks for; `undefined`: it is to be read. */
  get asked(): AskedFacts | undefined {
    const { asked, form } = this.#request ?? {};
    if (asked === undefined || form === undefined) return asked;
    const [facts, fingerprint] = asked;
    return [{ ...facts, body: { ...facts.body, bytes: form.bytes } }, fingerprint];
  }

  /** Bytes of the body of the request that was looked for last; `undefined`: it has none. */
  get requestBytes(): number | undefined {
    return this.#request?.form?.bytes;
  }

  /** What was derived of another exchange that is the same. */
  find(exchange: LineExchange): KnownAnswer | undefined {
    const known = this.#targets.get(exchange.target);
    this.#request = undefined;
    if (known === undefined) {
      this.#wants = this.#isSeen(exchange.target);
      return undefined;
    }
    this.#wants = known.credit.isGiven;
    if (this.#wants) this.#request = requestOf(known, exchange);
    if (this.#request === undefined) {
      known.credit.miss();
      return undefined;
    }
    known.credit.hit();
    const { credit } = this.#request;
    const answer = credit.isGiven ? answerOf(this.#request, exchange) : undefined;
    this.#wants = answer === undefined && credit.isGiven;
    if (answer === undefined) credit.miss();
    else credit.hit();
    return answer;
  }

  /**
   * Notes what was derived of the exchange that was looked for last.
   *
   * @param values of both bodies that count
   */
  add(
    exchange: LineExchange,
    values: readonly [request: CountingValues, response: CountingValues],
    { asked, answer }: LearnedExchange,
  ): void {
    const { response, status } = exchange;
    const known = this.#request ?? this.#learned(exchange, values[0], asked);
    if (known === undefined) return;
    known.credit.charge();
    const form = formOf(response, values[1]);
    if (form === null) return;
    if (known.answers.length === maxAnswers) known.answers.pop();
    const hasOpenTook = form !== undefined && values[1].tookAt >= 0;
    known.answers.unshift({ ...answer, status, mediaType: response.mediaType, form, hasOpenTook });
    this.#bytes += 1000 + (form?.size ?? 0);
    if (this.#bytes > maxBytes) this.#forget();
  }

  #learned(
    exchange: LineExchange,
    values: CountingValues,
    asked: AskedFacts | undefined,
  ): KnownRequest | undefined {
    const { method, target, request } = exchange;
    let known = this.#targets.get(target);
    if (known === undefined) {
      known = { requests: [], credit: new Credit() };
      this.#targets.set(target, known);
      this.#bytes += 200 + target.length;
    }
    known.credit.charge();
    const form = formOf(request, values);
    if (form === null || mayHaveDateMath(exchange)) return undefined;
    const learned = {
      method,
      mediaType: request.mediaType,
      form,
      asked,
      answers: [],
      credit: new Credit(),
    };
    if (known.requests.length === maxRequests) known.requests.pop();
    known.requests.unshift(learned);
    this.#bytes += 1000 + (form?.size ?? 0);
    return learned;
  }

  #forget(): void {
    this.#targets = new Map();
    this.#bytes = 0;
    this.#request = undefined;
  }

  #isSeen(target: string): boolean {
    const hash = hashOf(target);
    const slot = hash & (targetSlots - 1);
    const isSeen = this.#seen[slot] === hash;
    this.#seen[slot] = hash;
    return isSeen;
  }
}

/** `<logs-{now/d}>` names another index tomorrow. */
function mayHaveDateMath({ target, request: { content } }: LineExchange): boolean {
  if (/<|%3c/i.test(target)) return true;
  return content !== undefined && textOf(content).includes("<");
}

function textOf({ bytes, start, end }: LineBytes): string {
  return bytes.toString("latin1", start, end);
}

function requestOf(
  { requests }: KnownTarget,
  { method, request }: LineExchange,
): KnownRequest | undefined {
  for (const one of requests)
    if (one.method === method && one.mediaType === request.mediaType)
      if (isOfForm(one.form, request)) return one;
  return undefined;
}

function answerOf(
  { answers }: KnownRequest,
  { status, response }: LineExchange,
): KnownAnswer | undefined {
  for (const one of answers)
    if (one.status === status && one.mediaType === response.mediaType)
      if (isOfForm(one.form, response)) return one;
  return undefined;
}

/** `undefined`: there is no body; null: it has no form. */
function formOf({ content }: LineBody, values: CountingValues): ContentForm | undefined | null {
  return content && (ContentForm.of(content, values) ?? null);
}

function isOfForm(form: ContentForm | undefined, { content }: LineBody): boolean {
  if (form === undefined || content === undefined) return form === content;
  return form.matches(content);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}
