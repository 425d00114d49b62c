/** Works out what one recorded exchange touched and what came back, from its records and bodies. */
import { matchApiEndpoint, type ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";
import { readPage } from "../../elasticsearch/reads/page-of-facts.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import type { DocumentsListener, UsedDocuments } from "../examine/document-uses.ts";
import {
  ExchangeExaminer,
  examinerSettings,
  type AskedFacts,
  type BodyRead,
  type ExaminerSettings,
} from "../examine/exchange-examiner.ts";
import { factsText, type KnownFacts } from "../examine/facts-text.ts";
import type { Examined } from "../record/examined.ts";
import { readBodyFacts, readInlineFacts } from "./body-facts-reader.ts";
import { factsOfRecord } from "./facts-of-record.ts";
import { KnownExchanges, type DerivedFacts } from "./known-exchanges.ts";
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

  /** The facts of an exchange whose bodies stand in its records, see `isReadInline`. */
  deriveNow(exchange: RecordedExchange, onDocuments: DocumentsListener): DerivedFacts {
    const known = this.#known.find(exchange);
    if (known !== undefined) {
      if (known.documents !== undefined) onDocuments(known.documents);
      return { text: known.text, page: known.page && pageOf(known.page, exchange) };
    }
    const match = matchApiEndpoint(exchange.method, exchange.target);
    const parts: UsedDocuments[] = [];
    const examiner = new ExchangeExaminer(this.#settings, match, (part) => {
      parts.push(part);
      onDocuments(part);
    });
    const { request, response, startedMs, status } = exchange;
    const asked = readInlineFacts(request, examiner.request(request.mediaType, startedMs));
    const reader = examiner.response(status, response.mediaType, asked.facts[0]);
    const answered = readInlineFacts(response, reader);
    const facts = derived(exchange, match, examiner, examiner.facts(status, asked, answered));
    this.#known.add(exchange, facts, parts);
    return facts;
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
  return { text: factsText(facts), page };
}

/** The page of an exchange that differs from another one in what its bodies do not say. */
function pageOf(page: ReadPage, exchange: RecordedExchange): ReadPage {
  const { id, startedMs, durationMs, user, response } = exchange;
  const endedMs = startedMs + durationMs;
  return { ...page, id, startedMs, endedMs, user, bytes: response.bytes ?? 0 };
}
