/** Writes what is known of an exchange as the members of `es_proxy.facts`, in JSON. */
import type { ApiClass } from "../../elasticsearch/api/api-endpoint.ts";
import type { DocumentRef } from "../../elasticsearch/body/document-list.ts";
import type { RequestFacts } from "../../elasticsearch/body/request/request-facts.ts";
import type { ResponseFacts } from "../../elasticsearch/body/response/response-facts.ts";
import type { Fingerprint } from "../../elasticsearch/fingerprint/fingerprint.ts";
import type { Examined } from "../record/examined.ts";
import { jsonAscii, jsonString } from "../format/json-text.ts";

/** More indices are counted only. */
const maxIndices = 100;

/** What is known of one exchange. */
export interface KnownFacts {
  /** Of the API endpoint. */
  readonly apiClass: ApiClass;
  readonly request: RequestFacts;
  readonly requestExamined: Examined;
  readonly response: ResponseFacts;
  readonly responseExamined: Examined;
  readonly fingerprint: Fingerprint | undefined;
}

/** The members but `examined` and `took`, which differ where all others are the same. */
export interface FactsParts {
  readonly beforeTook: string;
  readonly behindTook: string;
}

/**
 * The members, without brackets around them, pure ASCII; what is not known or empty is left out.
 * Written by hand: this is done for every exchange.
 */
export function factsText(facts: KnownFacts): string {
  const { requestExamined, responseExamined, response } = facts;
  return joinedFacts(factsParts(facts), requestExamined, responseExamined, response.took);
}

/** {@link factsText} of its parts. */
export function joinedFacts(
  { beforeTook, behindTook }: FactsParts,
  request: Examined,
  response: Examined,
  took: number | undefined,
): string {
  const examined = `"request":${examinedText(request)},"response":${examinedText(response)}`;
  const middle = took === undefined ? "" : `,"took":${took}`;
  return `"examined":{${examined}}${beforeTook}${middle}${behindTook}`;
}

/** Writes {@link FactsParts}. */
export function factsParts(facts: KnownFacts): FactsParts {
  const { request, response, fingerprint } = facts;
  const { documents, items, rows, hits } = response;
  const returned = Math.max(documents.count, rows?.count ?? 0);
  const indices = indicesOf(facts);
  let text = "";
  if (indices.length > 0) text += `,"indices":${strings(indices)}`;
  text += count("more_indices", indices.length - maxIndices);
  if (request.names.length > 0) text += `,"names":${namesText(request.names)}`;
  text += list("actions", request.actions) + list("lookups", request.lookups);
  if (returned > 0 || facts.apiClass === "read") text += `,"documents":${returned}`;
  text += count("with_content", documents.withContent) + count("missing", documents.missing);
  text += ids("ids_returned", documents.first);
  if (items !== undefined) {
    text += count("written", items.count - items.failed);
    text += ids("ids_written", items.documents.first);
    text += ids("ids_failed", items.failedDocuments.first) + count("items", items.count);
  }
  text += count("failures", (items?.failed ?? 0) + (response.searches?.failed ?? 0));
  if (response.byQuery !== undefined) text += `,"by_query":${jsonAscii(response.byQuery)}`;
  if (response.errors.length > 0)
    text += list("errors", response.errors) + count("error_count", errorCount(response));
  if (hits !== undefined) text += `,"hits":${hits.total}`;
  if (hits?.relation !== undefined) text += `,"hits_relation":${jsonString(hits.relation)}`;
  const beforeTook = text;
  text = "";
  if (response.timedOut) text += ',"timed_out":true';
  if (response.shards !== undefined) text += shardsText(response.shards);
  text += list("values", response.values);
  if (rows !== undefined) text += list("columns", rows.columns);
  if (fingerprint !== undefined)
    text +=
      `,"fingerprint":"${fingerprint.hash}","query":${jsonString(fingerprint.text)}` +
      `,"language":"${fingerprint.language}"`;
  if (response.watched.length > 0) {
    text += list("watched", [...new Set(response.watched.map(({ field }) => field))]);
    text += list("watched_documents", response.watched);
  }
  return { beforeTook, behindTook: text };
}

function examinedText({ state, reason, at, bytes }: Examined): string {
  if (reason === undefined && at === undefined) return `{"state":"${state}","bytes":${bytes}}`;
  return jsonAscii({ state, reason, at, bytes });
}

/** Nothing for 0. */
function count(name: string, value: number): string {
  return value > 0 ? `,"${name}":${value}` : "";
}

function list(name: string, items: readonly unknown[]): string {
  return items.length === 0 ? "" : `,"${name}":${jsonAscii(items)}`;
}

function ids(name: string, documents: readonly DocumentRef[]): string {
  let text = "";
  for (const { id } of documents)
    if (id !== undefined) text += (text === "" ? "" : ",") + jsonString(id);
  return text === "" ? "" : `,"${name}":[${text}]`;
}

function strings(texts: readonly string[]): string {
  let text = "[";
  for (let at = 0; at < texts.length && at < maxIndices; at += 1)
    text += (at === 0 ? "" : ",") + jsonString(texts[at] ?? "");
  return `${text}]`;
}

/** `read index patients-*`: what is done, with what, and its name. */
function namesText(names: RequestFacts["names"]): string {
  return strings(names.map(({ kind, use, name }) => `${use} ${kind} ${name}`));
}

function shardsText(shards: NonNullable<ResponseFacts["shards"]>): string {
  const { total, successful, skipped, failed } = shards;
  return (
    `,"shards":{"total":${total},"successful":${successful},"skipped":${skipped},` +
    `"failed":${failed}}`
  );
}

function errorCount({ errors }: ResponseFacts): number {
  return errors.reduce((sum, { count: ofType }) => sum + ofType, 0);
}

/** Indices that the request names and those that the answer tells. */
function indicesOf({ request, response }: KnownFacts): readonly string[] {
  const found: string[] = [];
  for (const { kind, name, isExclusion } of request.names)
    if ((kind === "index" || kind === "data_stream" || kind === "alias") && !isExclusion)
      found.push(name);
  for (const { index } of request.actions) if (index !== undefined) found.push(index);
  for (const { index } of response.documents.byIndex) found.push(index);
  for (const { index } of response.items?.groups ?? []) if (index !== undefined) found.push(index);
  if (found.length === 1 || (found.length === 2 && found[0] === found[1])) return [found[0] ?? ""];
  return [...new Set(found)];
}
