/** Works out what one recorded exchange touched and what came back, from its records and bodies. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

import { matchApiEndpoint, type ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { BodyReader } from "../../elasticsearch/body/body-reader.ts";
import { CursorDigest } from "../../elasticsearch/body/cursor-digest.ts";
import type { ExaminationReason } from "../../elasticsearch/body/examination.ts";
import type { RequestFacts } from "../../elasticsearch/body/request/request-facts.ts";
import { requestFacts } from "../../elasticsearch/body/request/request-reader.ts";
import type { ResponseFacts } from "../../elasticsearch/body/response/response-facts.ts";
import { responseFacts } from "../../elasticsearch/body/response/response-reader.ts";
import { WatchRules, type WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";
import type { Fingerprint } from "../../elasticsearch/fingerprint/fingerprint.ts";
import { requestFingerprint } from "../../elasticsearch/fingerprint/request-fingerprint.ts";
import { readPage } from "../../elasticsearch/reads/page-of-facts.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { factsText } from "../examine/facts-text.ts";
import type { Examined } from "../record/examined.ts";
import { readBodyFacts, readInlineFacts, type BodyRead } from "./body-facts-reader.ts";
import {
  DocumentCollector,
  type DocumentsListener,
  type UsedDocuments,
} from "../examine/document-uses.ts";
import { KnownExchanges, type DerivedFacts } from "./known-exchanges.ts";
import type { RecordedExchange } from "./recorded-exchange.ts";

/** Derives facts; one object for many exchanges. */
export class FactsDeriver {
  readonly #directory: string;
  readonly #digest: CursorDigest;
  readonly #watch: WatchRules | undefined;
  readonly #known = new KnownExchanges();

  /**
   * @param directory of the audit, or a copy of it
   * @param key secret; names scrolls and other cursors without giving them away
   */
  constructor(directory: string, key: Uint8Array, watch: readonly WatchRule[]) {
    this.#directory = directory;
    this.#digest = new CursorDigest(createHmac("sha256", key).update("cursors").digest());
    this.#watch = watch.length === 0 ? undefined : new WatchRules(watch, Date.now());
  }

  /** The facts of an exchange whose bodies stand in its records, see `isReadInline`. */
  deriveNow(exchange: RecordedExchange, onDocuments: DocumentsListener): DerivedFacts {
    const known = this.#known.find(exchange);
    if (known !== undefined) {
      if (known.documents !== undefined) onDocuments(known.documents);
      return { text: known.text, page: known.page && pageOf(known.page, exchange) };
    }
    const match = matchApiEndpoint(exchange.method, exchange.target);
    const parts: UsedDocuments[] = [];
    const documents = new DocumentCollector((part) => {
      parts.push(part);
      onDocuments(part);
    });
    const request = readInlineFacts(exchange.request, this.#request(exchange, match, documents));
    const [asked] = request.facts;
    const reader = this.#response(exchange, match, asked, documents);
    const response = readInlineFacts(exchange.response, reader);
    const facts = factsOf(exchange, match, { request, response }, documents);
    this.#known.add(exchange, facts, parts);
    return facts;
  }

  /**
   * The facts of any exchange. Never rejects for what a body is, or where it is not.
   *
   * @param onDocuments takes the documents that it returned or wrote, in one or several parts
   */
  async derive(exchange: RecordedExchange, onDocuments: DocumentsListener): Promise<DerivedFacts> {
    const match = matchApiEndpoint(exchange.method, exchange.target);
    const documents = new DocumentCollector(onDocuments);
    const asking = this.#request(exchange, match, documents);
    const request = await readBodyFacts(this.#directory, exchange.request, asking);
    const [asked] = request.facts;
    const reader = this.#response(exchange, match, asked, documents);
    const response = await readBodyFacts(this.#directory, exchange.response, reader);
    return factsOf(exchange, match, { request, response }, documents);
  }

  #request(
    { request, startedMs }: RecordedExchange,
    match: ApiMatch,
    documents: DocumentCollector,
  ): RequestReaders {
    const reader = requestFacts(
      match,
      { contentType: request.mediaType, startedMs },
      { digest: this.#digest, documents: documents.listener("asked") },
    );
    return new RequestReaders(reader, requestFingerprint(match));
  }

  #response(
    { response, status }: RecordedExchange,
    match: ApiMatch,
    request: RequestFacts,
    documents: DocumentCollector,
  ): BodyReader<ResponseFacts> {
    return responseFacts(
      match,
      { status, contentType: response.mediaType, request },
      {
        digest: this.#digest,
        watch: this.#watch,
        returned: documents.listener("read"),
        written: documents.listener("wrote"),
        watched: documents.watched,
      },
    );
  }
}

type AskedFacts = readonly [facts: RequestFacts, fingerprint: Fingerprint | undefined];

/** Puts together what both bodies say. */
function factsOf(
  exchange: RecordedExchange,
  match: ApiMatch,
  read: { readonly request: BodyRead<AskedFacts>; readonly response: BodyRead<ResponseFacts> },
  documents: DocumentCollector,
): DerivedFacts {
  const [asked, fingerprint] = read.request.facts;
  const answered = read.response.facts;
  const { id, startedMs, status, user, response } = exchange;
  const responseExamined = read.response.lost ?? answered.body;
  settle(match, status, { facts: answered, examined: responseExamined }, documents);
  documents.finish();
  const page = readPage(
    {
      id,
      apiEndpoint: match.endpoint.name,
      startedMs,
      endedMs: startedMs + exchange.durationMs,
      status,
      user,
      fingerprint: fingerprint?.hash,
      responseBytes: response.bytes ?? 0,
      ids: documents.sketch,
      keepAliveMs: undefined,
    },
    asked,
    answered,
  );
  const text = factsText({
    apiClass: match.endpoint.class,
    request: asked,
    requestExamined: read.request.lost ?? (isUnrecorded(exchange) ? noRecord : asked.body),
    response: answered,
    responseExamined,
    fingerprint,
  });
  return { text, page };
}

/** The page of an exchange that differs from another one in what its bodies do not say. */
function pageOf(page: ReadPage, exchange: RecordedExchange): ReadPage {
  const { id, startedMs, durationMs, user, response } = exchange;
  const endedMs = startedMs + durationMs;
  return { ...page, id, startedMs, endedMs, user, bytes: response.bytes ?? 0 };
}

const noRecord: Examined = { state: "none", reason: "no_record", bytes: 0 };

function isUnrecorded({ hasOpening, request }: RecordedExchange): boolean {
  return !hasOpening && request.state === "none";
}

/** Decides what was done with the documents that request and answer name. */
function settle(
  { endpoint }: ApiMatch,
  status: number,
  { facts, examined }: { facts: ResponseFacts; examined: Examined },
  documents: DocumentCollector,
): void {
  const isWrite = endpoint.class === "write";
  const isExamined = examined.state === "whole";
  if (isWrite && (facts.items?.failed ?? 0) > 0) documents.rename("wrote", "tried");
  if (isExamined || (endpoint.class === "read" && (status === 0 || status >= 400)))
    documents.forget("asked");
  else if (isWrite) documents.rename("asked", "tried");
}

/** Reads a body for facts and fingerprint at once. */
class RequestReaders implements BodyReader<AskedFacts> {
  readonly #facts: BodyReader<RequestFacts>;
  readonly #fingerprint: BodyReader<Fingerprint | undefined> | undefined;

  constructor(
    facts: BodyReader<RequestFacts>,
    fingerprint: BodyReader<Fingerprint | undefined> | undefined,
  ) {
    this.#facts = facts;
    this.#fingerprint = fingerprint;
  }

  write(piece: Buffer, start: number, end: number): void {
    this.#facts.write(piece, start, end);
    this.#fingerprint?.write(piece, start, end);
  }

  finish(reason?: ExaminationReason): AskedFacts {
    return [this.#facts.finish(reason), this.#fingerprint?.finish(reason)];
  }
}
