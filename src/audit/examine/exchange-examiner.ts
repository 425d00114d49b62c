/** Reads both bodies of an exchange for what it touched and what came back. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { BodyReader } from "../../elasticsearch/body/body-reader.ts";
import type { CountingValues } from "../../elasticsearch/body/counting-values.ts";
import { CursorDigest } from "../../elasticsearch/body/cursor-digest.ts";
import type { ExaminationReason } from "../../elasticsearch/body/examination.ts";
import type { RequestFacts } from "../../elasticsearch/body/request/request-facts.ts";
import { requestFacts } from "../../elasticsearch/body/request/request-reader.ts";
import type { DocumentFacts } from "../../elasticsearch/body/document-list.ts";
import type {
  ByQueryFacts,
  ResponseFacts,
  ReturnedFacts,
} from "../../elasticsearch/body/response/response-facts.ts";
import {
  findsDocuments,
  isSingleWrite,
  listsDocuments,
  namesDocument,
  writesByQuery,
} from "../../elasticsearch/body/response/told-documents.ts";
import { responseFacts } from "../../elasticsearch/body/response/response-reader.ts";
import { WatchRules, type WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";
import type { Fingerprint } from "../../elasticsearch/fingerprint/fingerprint.ts";
import { requestFingerprint } from "../../elasticsearch/fingerprint/request-fingerprint.ts";
import type { Examined } from "../record/examined.ts";
import { DocumentCollector, type DocumentsListener } from "./document-uses.ts";
import type { KnownFacts } from "./facts-text.ts";

/** What examiners share. */
export interface ExaminerSettings {
  readonly digest: CursorDigest;
  readonly watch: WatchRules | undefined;
}

/**
 * @param key secret of the trail; names scrolls and other cursors without giving them away
 * @param watch fields of which it is told in which documents they were sent
 */
export function examinerSettings(key: Uint8Array, watch: readonly WatchRule[]): ExaminerSettings {
  return {
    digest: new CursorDigest(createHmac("sha256", key).update("cursors").digest()),
    watch: watch.length === 0 ? undefined : new WatchRules(watch, Date.now()),
  };
}

/** What the body of a request says. */
export type AskedFacts = readonly [facts: RequestFacts, fingerprint: Fingerprint | undefined];

/** Facts of a body, and why the body itself could not be read; `undefined`: it could. */
export interface BodyRead<Facts> {
  readonly facts: Facts;
  readonly lost: Examined | undefined;
}

/** Of one exchange: makes the readers of its bodies, and puts together what both say. */
export class ExchangeExaminer {
  readonly documents: DocumentCollector;
  readonly #settings: ExaminerSettings;
  readonly #match: ApiMatch;

  /**
   * @param onDocuments takes the documents that it returned or wrote, in one or several parts
   * @param limit documents of each use that are told
   */
  constructor(
    settings: ExaminerSettings,
    match: ApiMatch,
    onDocuments: DocumentsListener,
    limit?: number,
  ) {
    this.#settings = settings;
    this.#match = match;
    this.documents = new DocumentCollector(onDocuments, limit);
  }

  /**
   * @param startedMs milliseconds since 1970
   * @param counting takes which values of the body count
   */
  request(
    contentType: string | undefined,
    startedMs: number,
    counting?: CountingValues,
  ): BodyReader<AskedFacts> {
    const options = {
      digest: this.#settings.digest,
      documents: this.documents.listener("asked"),
      counting,
    };
    const reader = requestFacts(this.#match, { contentType, startedMs }, options);
    const fingerprint = requestFingerprint(this.#match, counting);
    if (counting !== undefined) counting.readers += fingerprint === undefined ? 1 : 2;
    return new RequestReaders(reader, fingerprint);
  }

  /**
   * @param request `undefined`: its body is not read yet
   * @param counting takes which values of the body count
   */
  response(
    status: number,
    contentType: string | undefined,
    request: RequestFacts | undefined,
    counting?: CountingValues,
  ): BodyReader<ResponseFacts> {
    if (counting !== undefined) counting.readers += 1;
    const head = { status, contentType, request };
    return responseFacts(this.#match, head, {
      digest: this.#settings.digest,
      watch: this.#settings.watch,
      returned: this.documents.listener("read"),
      written: this.documents.listener("wrote"),
      failed: this.documents.listener("tried"),
      watched: this.documents.watched,
      counting,
    });
  }

  /** Both bodies were read. The rest of the documents is handed on. */
  facts(
    status: number,
    request: BodyRead<AskedFacts>,
    response: BodyRead<ResponseFacts>,
  ): KnownFacts {
    const [asked, fingerprint] = request.facts;
    const responseExamined = response.lost ?? response.facts.body;
    this.#settle(status, response.facts, responseExamined);
    if (this.#hasUntold(status, request, asked.documents, response.facts, responseExamined))
      this.documents.addUntold(this.#match.indices.join(","));
    this.documents.finish();
    return {
      apiClass: this.#match.endpoint.class,
      request: asked,
      requestExamined: request.lost ?? asked.body,
      response: response.facts,
      responseExamined,
      fingerprint,
    };
  }

  /** Decides what was done with the documents that the request names. */
  #settle(status: number, facts: ResponseFacts, examined: Examined): void {
    const { documents } = this;
    const isExamined = examined.state === "whole";
    const { class: apiClass, name } = this.#match.endpoint;
    if (apiClass !== "write") {
      if (apiClass === "read" && (status === 0 || status >= 400)) documents.settleAsked(undefined);
      else if (isExamined) this.#settleRead(name, facts.documents);
      return;
    }
    const told = documents.count("wrote") + documents.count("tried");
    const { errors, failed = 0 } = facts.items ?? {};
    // The status says it all: they write one document, and nothing else makes them succeed.
    if (!isExamined && isSingleWrite(name) && status >= 200 && status < 300)
      return documents.settleAsked("wrote");
    if (isExamined && errors === false && failed === 0) documents.settleTried();
    if (isExamined && told >= documents.count("asked")) return documents.settleAsked(undefined);
    // `filter_path` can leave ids and whole items out of an answer.
    const isDone = isExamined && status < 400 && failed === 0 && errors !== true;
    documents.settleAsked(isDone && (errors === false || told > 0) ? "wrote" : "tried");
  }

  /** `filter_path` can leave the ids out of an answer that holds the documents. */
  #settleRead(name: string, { missing, withoutId }: ReturnedFacts): void {
    const { documents } = this;
    const asked = documents.count("asked");
    const isByName = namesDocument(name) || listsDocuments(name);
    if (!isByName || documents.count("read") + missing >= asked) documents.settleAsked(undefined);
    else if (withoutId >= asked) documents.settleAsked("read");
  }

  /** Whether documents were returned or written of which neither body told the ids. */
  #hasUntold(
    status: number,
    request: BodyRead<AskedFacts>,
    asked: DocumentFacts,
    { documents: returned, rows, byQuery, task }: ResponseFacts,
    examined: Examined,
  ): boolean {
    if (status < 200 || status > 299) return false;
    const { documents } = this;
    if (documents.isCut) return true;
    const { class: apiClass, name } = this.#match.endpoint;
    if (examined.state !== "whole") {
      const isAsked = documents.count("asked") > 0;
      const isAskedWhole = (request.lost ?? request.facts[0].body).state === "whole";
      if (writesByQuery(name)) return true;
      if (namesDocument(name)) return !isAsked;
      if (listsDocuments(name)) return !isAsked || !isAskedWhole;
      return findsDocuments(name);
    }
    if (byQuery !== undefined || task !== undefined)
      return writesByQuery(name) && (byQuery === undefined || hasWritten(byQuery));
    if (apiClass === "write") {
      const told = documents.count("wrote") + documents.count("tried");
      return asked.withoutId > 0 && told < asked.count;
    }
    // Rows of SQL and ES|QL have ids on demand only.
    const withoutId = returned.withoutId + Math.max((rows?.count ?? 0) - returned.count, 0);
    return findsDocuments(name) && withoutId > 0;
  }
}

function hasWritten({ created, updated, deleted }: ByQueryFacts): boolean {
  return created + updated + deleted > 0;
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
