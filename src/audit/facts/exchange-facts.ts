/** Works out what one recorded exchange touched and what came back, from its records and bodies. */
import { matchApiEndpoint, type ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import { CountingValues } from "../../elasticsearch/body/counting-values.ts";
import type { WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";
import { readPage } from "../../elasticsearch/reads/page-of-facts.ts";
import type { DocumentsListener, UsedDocuments } from "../examine/document-uses.ts";
import {
  ExchangeExaminer,
  examinerSettings,
  type AskedFacts,
  type BodyRead,
  type ExaminerSettings,
} from "../examine/exchange-examiner.ts";
import { factsParts, factsText, joinedFacts, type KnownFacts } from "../examine/facts-text.ts";
import { readText } from "../examine/page-text.ts";
import type { Examined } from "../record/examined.ts";
import { readBodyFacts, readInlineFacts } from "./body-facts-reader.ts";
import { factsOfRecord } from "./facts-of-record.ts";
import type { DerivedFacts } from "./derived-facts.ts";
import { KnownExchanges, type KnownAnswer } from "./known-exchanges.ts";
import type { LineExchange } from "./line-exchange.ts";
import type { RecordedExchange } from "./recorded-exchange.ts";

/** Derives facts; one object for many exchanges. */
export class FactsDeriver {
  readonly #directory: string;
  readonly #settings: ExaminerSettings;
  readonly #known = new KnownExchanges();

  /**
   * @param directory of the audit, or a copy of it
   * @param key secret; names scrolls and other cursors without giving them away
   */
  constructor(directory: string, key: Uint8Array, watch: readonly WatchRule[]) {
    this.#directory = directory;
    this.#settings = examinerSettings(key, watch);
  }

  /**
   * The facts of an exchange whose bodies stand in its lines.
   *
   * @param decoded gives it with its bodies; asked only where they have to be read
   */
  deriveNow(
    line: LineExchange,
    decoded: (line: LineExchange) => RecordedExchange,
    onDocuments: DocumentsListener,
  ): DerivedFacts {
    const known = this.#known.find(line);
    if (known !== undefined) {
      if (known.documents !== undefined) onDocuments(known.documents);
      return factsOfKnown(known, line, this.#known.requestBytes);
    }
    const exchange = decoded(line);
    const match = matchApiEndpoint(line.method, line.target);
    const parts: UsedDocuments[] = [];
    const examiner = new ExchangeExaminer(this.#settings, match, (part) => {
      parts.push(part);
      onDocuments(part);
    });
    const { request, response, startedMs, status } = exchange;
    const learning = this.#known.wants
      ? ([new CountingValues(), new CountingValues()] as const)
      : undefined;
    const knownAsked = this.#known.asked;
    const asked: BodyRead<AskedFacts> =
      knownAsked === undefined
        ? readInlineFacts(request, examiner.request(request.mediaType, startedMs, learning?.[0]))
        : { facts: knownAsked, lost: undefined };
    const asksDocuments = examiner.documents.count("asked") > 0;
    const answered = readInlineFacts(
      response,
      examiner.response(status, response.mediaType, asked.facts[0], learning?.[1]),
    );
    const facts = examiner.facts(status, asked, answered);
    const found = derived(exchange, match, examiner, facts);
    if (learning !== undefined && isLearnable(facts) && parts.length < 2) {
      const { response: own, requestExamined, responseExamined } = facts;
      const answer = {
        request: requestExamined,
        response: responseExamined,
        parts: factsParts(facts),
        took: own.took,
        page: found.page,
        read: found.read,
        documents: parts[0],
      };
      this.#known.add(line, learning, { asked: asksDocuments ? undefined : asked.facts, answer });
    }
    return found;
  }

  /**
   * The facts of any exchange. Never rejects for what a body is, or where it is not.
   *
   * @param onDocuments takes the documents that it returned or wrote, in one or several parts
   */
  async derive(exchange: RecordedExchange, onDocuments: DocumentsListener): Promise<DerivedFacts> {
    if (exchange.recorded !== undefined)
      return factsOfRecord(exchange, exchange.recorded, onDocuments);
    const match = matchApiEndpoint(exchange.method, exchange.target);
    const examiner = new ExchangeExaminer(this.#settings, match, onDocuments);
    const { request, response, startedMs, status } = exchange;
    const asking = examiner.request(request.mediaType, startedMs);
    const asked = withRecord(exchange, await readBodyFacts(this.#directory, request, asking));
    const reader = examiner.response(status, response.mediaType, asked.facts[0]);
    const answered = await readBodyFacts(this.#directory, response, reader);
    return derived(exchange, match, examiner, examiner.facts(status, asked, answered));
  }
}

/** Says so where the record is missing that would tell of the request's body. */
function withRecord(
  { hasOpening, request }: RecordedExchange,
  asked: BodyRead<AskedFacts>,
): BodyRead<AskedFacts> {
  const isUnrecorded = !hasOpening && request.state === "none";
  return isUnrecorded ? { ...asked, lost: asked.lost ?? noRecord } : asked;
}

const noRecord: Examined = { state: "none", reason: "no_record", bytes: 0 };

function derived(
  exchange: RecordedExchange,
  match: ApiMatch,
  { documents }: ExchangeExaminer,
  facts: KnownFacts,
): DerivedFacts {
  const { id, startedMs, durationMs, status, user, response } = exchange;
  const page = readPage(
    {
      id,
      apiEndpoint: match.endpoint.name,
      startedMs,
      endedMs: startedMs + durationMs,
      status,
      user,
      fingerprint: facts.fingerprint?.hash,
      responseBytes: response.bytes ?? 0,
      ids: documents.sketch,
      keepAliveMs: undefined,
    },
    facts.request,
    facts.response,
  );
  return { text: factsText(facts), page, read: page === undefined ? "" : readText(page) };
}

/** Both bodies were read to their ends. */
function isLearnable({ requestExamined, responseExamined }: KnownFacts): boolean {
  return requestExamined.reason === undefined && responseExamined.reason === undefined;
}

/** The facts of an exchange that differs from a known one in values that do not count. */
function factsOfKnown(
  known: KnownAnswer,
  { id, startedMs, durationMs, user, response }: LineExchange,
  requestBytes: number | undefined,
): DerivedFacts {
  const { form, hasOpenTook, page, parts, read, request: asked, response: answered } = known;
  const text = joinedFacts(
    parts,
    { state: asked.state, bytes: requestBytes ?? asked.bytes },
    { state: answered.state, bytes: form?.bytes ?? answered.bytes },
    hasOpenTook ? form?.took : known.took,
  );
  if (page === undefined) return { text, page, read };
  const endedMs = startedMs + durationMs;
  const bytes = response.bytes ?? 0;
  return { text, page: { ...page, id, startedMs, endedMs, user, bytes }, read };
}
