/** Takes the facts of an exchange from its record, where they stand in place of its bodies. */
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import type { DocumentsListener, UsedDocuments } from "../examine/document-uses.ts";
import { readOf, readText, type ReadMembers } from "../examine/page-text.ts";
import type { AuditDocument } from "../format/audit-document.ts";
import { jsonAscii } from "../format/json-text.ts";
import type { DerivedFacts } from "./derived-facts.ts";
import type { RecordedExchange } from "./recorded-exchange.ts";

/** What `TappedFacts` writes beside the members that lines of facts have, too. */
interface OwnMembers {
  readonly listed?: UsedDocuments;
  readonly read?: ReadMembers;
}

/**
 * The facts in the last record of an exchange.
 *
 * @param recorded `es_proxy.facts` of that record
 * @param onDocuments takes the documents that are listed in it
 */
export function factsOfRecord(
  exchange: RecordedExchange,
  recorded: AuditDocument,
  onDocuments: DocumentsListener,
): DerivedFacts {
  // Only the tap writes this member.
  const { listed, read, ...members } = recorded as AuditDocument & OwnMembers;
  if (listed !== undefined) onDocuments(listed);
  const { fingerprint, documents } = members;
  const { id, startedMs, durationMs, status, user, response } = exchange;
  const page: ReadPage | undefined = read && {
    ...readOf(read),
    id,
    startedMs,
    endedMs: startedMs + durationMs,
    status,
    user,
    fingerprint: typeof fingerprint === "string" ? fingerprint : undefined,
    documents: typeof documents === "number" ? documents : 0,
    bytes: response.bytes ?? 0,
    ids: undefined,
    keepAliveMs: undefined,
  };
  const text = jsonAscii(members).slice(1, -1);
  return { text, page, read: page === undefined ? "" : readText(page) };
}
