/** Remembers what was derived of exchanges that come again, byte for byte. */
import { Buffer } from "node:buffer";

import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import type { RecordedBody } from "../read/recorded-body.ts";
import type { UsedDocuments } from "../examine/document-uses.ts";
import type { RecordedExchange } from "./recorded-exchange.ts";

/** Exchanges that are remembered, one a slot: with the longest bodies some 4 MiB. */
const slots = 512;
const maxBodyBytes = 4096;
/** All bytes at the beginning and the end of a body count, between them one of some. */
const edgeBytes = 64;
const stride = 16;

/** What was derived of an exchange. */
export interface DerivedFacts {
  /** Members of `es_proxy.facts`. */
  readonly text: string;
  /** Its part in a read of several calls; `undefined`: it is no read. */
  readonly page: ReadPage | undefined;
}

interface Known extends DerivedFacts {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly requestType: string | undefined;
  readonly responseType: string | undefined;
  readonly request: Buffer | undefined;
  readonly response: Buffer | undefined;
  readonly documents: UsedDocuments | undefined;
}

/**
 * Clients that ask the same over and over get the same answer over and over: what follows from the
 * bytes alone is derived once. An exchange is remembered when it comes for the second time, so that
 * those that never come again cost a hash.
 */
export class KnownExchanges {
  readonly #seen = new Int32Array(slots);
  readonly #known: (Known | undefined)[] = Array.from({ length: slots });
  /** Of the exchange that was asked for last. */
  #hash = 0;

  /** What was derived of the same exchange before. */
  find(exchange: RecordedExchange): Known | undefined {
    this.#hash = hashOf(exchange);
    const known = this.#known[this.#hash & (slots - 1)];
    return known !== undefined && isSame(known, exchange) ? known : undefined;
  }

  /** Notes what was derived of the exchange that was asked for last. */
  add(
    exchange: RecordedExchange,
    { text, page }: DerivedFacts,
    documents: readonly UsedDocuments[],
  ): void {
    const slot = this.#hash & (slots - 1);
    if (this.#seen[slot] !== this.#hash) {
      this.#seen[slot] = this.#hash;
      return;
    }
    const { method, target, status, request, response } = exchange;
    if (documents.length > 1 || !isShort(request) || !isShort(response)) return;
    if (mayHaveDateMath(exchange)) return;
    this.#known[slot] = {
      text,
      page,
      method,
      target,
      status,
      requestType: request.mediaType,
      responseType: response.mediaType,
      request: request.content && Buffer.from(request.content),
      response: response.content && Buffer.from(response.content),
      documents: documents[0],
    };
  }
}

/** `<logs-{now/d}>` names another index tomorrow. */
function mayHaveDateMath({ target, request }: RecordedExchange): boolean {
  return /<|%3c/i.test(target) || request.content?.includes("<") === true;
}

/** All of it is at hand, and it is no long one. */
function isShort({ state, content, isComplete }: RecordedBody): boolean {
  if (!isComplete) return false;
  return state === "none" || (state === "inline" && (content?.length ?? Infinity) <= maxBodyBytes);
}

function isSame(known: Known, exchange: RecordedExchange): boolean {
  const { request, response } = exchange;
  return (
    known.target === exchange.target &&
    known.method === exchange.method &&
    known.status === exchange.status &&
    known.requestType === request.mediaType &&
    known.responseType === response.mediaType &&
    exchange.hasOpening &&
    isShort(request) &&
    isShort(response) &&
    isEqual(known.request, request.content) &&
    isEqual(known.response, response.content)
  );
}

function isEqual(one: Buffer | undefined, other: Buffer | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.equals(other);
}

/** FNV-1a over parts of both bodies, where answers and queries differ. */
function hashOf({ request, response, target }: RecordedExchange): number {
  const hash = addBody(addBody(0x811c9dc5, request.content), response.content);
  return Math.imul(hash ^ target.length, 0x01000193);
}

function addBody(from: number, content: Buffer | undefined): number {
  if (content === undefined) return from;
  const { length } = content;
  let hash = Math.imul(from ^ length, 0x01000193);
  for (let at = 0; at < length; at += at < edgeBytes || at >= length - edgeBytes ? 1 : stride)
    hash = Math.imul(hash ^ (content[at] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}
