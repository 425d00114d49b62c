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
import { exactAt } from "../format/audit-document.ts";
import { recordedBody } from "../read/recorded-body.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { readBodyFacts, type Examined } from "./body-facts-reader.ts";
import { DocumentCollector, type UsedDocuments } from "./document-uses.ts";

/** What is known of one exchange. */
export interface ExchangeFacts {
  readonly match: ApiMatch;
  readonly request: RequestFacts;
  readonly requestExamined: Examined;
  readonly response: ResponseFacts;
  readonly responseExamined: Examined;
  readonly fingerprint: Fingerprint | undefined;
  /** Its part in a read of several calls; `undefined`: it is no read. */
  readonly page: ReadPage | undefined;
}

/** Derives facts; one object for many exchanges. */
export class FactsDeriver {
  readonly #directory: string;
  readonly #digest: CursorDigest;
  readonly #watch: WatchRules | undefined;

  /**
   * @param directory of the audit, or a copy of it
   * @param key secret; names scrolls and other cursors without giving them away
   */
  constructor(directory: string, key: Uint8Array, watch: readonly WatchRule[]) {
    this.#directory = directory;
    this.#digest = new CursorDigest(createHmac("sha256", key).update("cursors").digest());
    this.#watch = watch.length === 0 ? undefined : new WatchRules(watch, Date.now());
  }

  /**
   * The facts of an exchange; `undefined`: it is none, or its request could not be read.
   *
   * @param onDocuments takes the documents that it returned or wrote, in one or several parts
   */
  async derive(
    entry: TrailEntry,
    onDocuments: (documents: UsedDocuments) => void,
  ): Promise<ExchangeFacts | undefined> {
    if (entry.kind !== "exchange") return undefined;
    const document = (entry.opening ?? entry.closing)?.document ?? {};
    const method = exactAt(document, "http.request.method", "method");
    const target = exactAt(document, "url.original", "target");
    if (method === undefined || target === undefined) return undefined;
    const match = matchApiEndpoint(method, target);
    const documents = new DocumentCollector(onDocuments);
    const asked = await this.#request(entry, match, documents);
    const status = entry.number("http.response.status_code") ?? 0;
    const answered = await this.#response(entry, match, status, asked.facts, documents);
    settle(match, status, answered, documents);
    documents.finish();
    const startedMs = entry.startMs;
    const page = readPage(
      {
        id: entry.id,
        apiEndpoint: match.endpoint.name,
        startedMs,
        endedMs: startedMs + (entry.number("event.duration") ?? 0) / 1e6,
        status,
        user: entry.text("user.name") ?? entry.text("user.id") ?? "",
        fingerprint: asked.fingerprint?.hash,
        responseBytes: entry.number("http.response.body.bytes") ?? 0,
        ids: documents.sketch.count === 0 ? undefined : documents.sketch,
        keepAliveMs: undefined,
      },
      asked.facts,
      answered.facts,
    );
    return {
      match,
      request: asked.facts,
      requestExamined: asked.examined,
      response: answered.facts,
      responseExamined: answered.examined,
      fingerprint: asked.fingerprint,
      page,
    };
  }

  async #request(
    entry: TrailEntry,
    match: ApiMatch,
    documents: DocumentCollector,
  ): Promise<{ facts: RequestFacts; fingerprint: Fingerprint | undefined; examined: Examined }> {
    const body = recordedBody(entry, "request");
    const reader = requestFacts(
      match,
      { contentType: body.mediaType, startedMs: entry.startMs },
      { digest: this.#digest, documents: documents.listener("asked") },
    );
    const both = new RequestReaders(reader, requestFingerprint(match));
    const { facts: found, lost } = await readBodyFacts(this.#directory, body, both);
    const missing =
      entry.opening === undefined && lost === undefined && body.state === "none"
        ? ({ state: "none", reason: "no_record", bytes: 0 } as const)
        : lost;
    const [facts, fingerprint] = found;
    return { facts, fingerprint, examined: missing ?? facts.body };
  }

  async #response(
    entry: TrailEntry,
    match: ApiMatch,
    status: number,
    request: RequestFacts,
    documents: DocumentCollector,
  ): Promise<{ facts: ResponseFacts; examined: Examined }> {
    const body = recordedBody(entry, "response");
    const reader = responseFacts(
      match,
      { status, contentType: body.mediaType, request },
      {
        digest: this.#digest,
        watch: this.#watch,
        returned: documents.listener("read"),
        written: documents.listener("wrote"),
        watched: documents.watched,
      },
    );
    const { facts, lost } = await readBodyFacts(this.#directory, body, reader);
    return { facts, examined: lost ?? facts.body };
  }
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
class RequestReaders implements BodyReader<
  readonly [facts: RequestFacts, fingerprint: Fingerprint | undefined]
> {
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

  finish(
    reason?: ExaminationReason,
  ): readonly [facts: RequestFacts, fingerprint: Fingerprint | undefined] {
    return [this.#facts.finish(reason), this.#fingerprint?.finish(reason)];
  }
}
