/** Facts of one exchange, taken while its bodies pass. */
import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { ResponseFacts } from "../../elasticsearch/body/response/response-facts.ts";
import { readPage } from "../../elasticsearch/reads/page-of-facts.ts";
import { documentsText, type UsedDocuments } from "../examine/document-uses.ts";
import {
  ExchangeExaminer,
  type AskedFacts,
  type BodyRead,
  type ExaminerSettings,
} from "../examine/exchange-examiner.ts";
import { factsText, type KnownFacts } from "../examine/facts-text.ts";
import { readText } from "../examine/page-text.ts";
import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { RecordedFacts } from "../record/recorded-facts.ts";
import type { BodyRedactor } from "../redact/body-redactor.ts";
import { FactsTap } from "./facts-tap.ts";

/** Documents of each use that stand in a record; the rest is counted. */
const maxListed = 100;

/** Made for the first body of an exchange, or for its terminal record where it has none. */
export class TappedFacts implements RecordedFacts {
  readonly #match: ApiMatch;
  readonly #examiner: ExchangeExaminer;
  readonly #startedMs: number;
  #asked: BodyRead<AskedFacts> | undefined = undefined;
  #answered: BodyRead<ResponseFacts> | undefined = undefined;
  #listed: UsedDocuments | undefined = undefined;

  /**
   * @param match of the target as it may be recorded
   * @param startedMs milliseconds since 1970
   */
  constructor(settings: ExaminerSettings, match: ApiMatch, startedMs: number) {
    this.#match = match;
    this.#startedMs = startedMs;
    this.#examiner = new ExchangeExaminer(
      settings,
      match,
      (documents) => void (this.#listed = documents),
      maxListed,
    );
  }

  /** For the body of the request. */
  request(record: ExchangeRecord, redactor: BodyRedactor | undefined): FactsTap<AskedFacts> {
    const reader = this.#examiner.request(record.contentType, this.#startedMs);
    const coding = codingOf(record.contentEncoding);
    return new FactsTap(record.requestBody, reader, redactor, coding, (read) => {
      this.#asked = read;
    });
  }

  /** For the body of the response, or of another one in its place. */
  response(record: ExchangeRecord, redactor: BodyRedactor | undefined): FactsTap<ResponseFacts> {
    this.#examiner.documents.forgetAnswer();
    const { status, responseContentType } = record;
    const reader = this.#examiner.response(status, responseContentType, this.#asked?.facts[0]);
    const coding = codingOf(record.responseContentEncoding);
    return new FactsTap(record.responseBody, reader, redactor, coding, (read) => {
      this.#answered = read;
    });
  }

  text(status: number): string {
    try {
      return this.#text(status);
    } catch {
      const examined = '{"state":"none","reason":"unreadable","bytes":0}';
      return `"examined":{"request":${examined},"response":${examined}}`;
    }
  }

  #text(status: number): string {
    const asked = this.#asked ?? this.#withoutRequest();
    const answered = this.#answered ?? {
      facts: this.#examiner.response(status, undefined, asked.facts[0]).finish(),
      lost: undefined,
    };
    const facts = this.#examiner.facts(status, asked, answered);
    const listed = this.#listed === undefined ? "" : `,"listed":${documentsText(this.#listed)}`;
    return factsText(facts) + listed + this.#read(facts, status);
  }

  #withoutRequest(): BodyRead<AskedFacts> {
    const reader = this.#examiner.request(undefined, this.#startedMs);
    return { facts: reader.finish(), lost: undefined };
  }

  /** Its part in a read of several calls. */
  #read({ request, response, fingerprint }: KnownFacts, status: number): string {
    const page = readPage(
      {
        id: "",
        apiEndpoint: this.#match.endpoint.name,
        startedMs: 0,
        endedMs: 0,
        status,
        user: "",
        fingerprint: fingerprint?.hash,
        responseBytes: 0,
        ids: undefined,
        keepAliveMs: undefined,
      },
      request,
      response,
    );
    return page === undefined ? "" : `,"read":{${readText(page)}}`;
  }
}

function codingOf(contentEncoding: string | undefined): string | undefined {
  return contentEncoding === undefined || isIdentity.test(contentEncoding)
    ? undefined
    : contentEncoding;
}

const isIdentity = /^\s*(?:identity\s*)?$/i;
