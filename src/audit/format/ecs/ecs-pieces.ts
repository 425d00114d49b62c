/** The parts of ECS lines that many records share, rendered once and kept. */
import { hostname } from "node:os";

import { GenerationCache } from "../../../core/generation-cache.ts";
import {
  matchApiEndpoint,
  type ApiEndpoint,
  type ApiMatch,
} from "../../../elasticsearch/api/api-endpoint.ts";
import type { Identity, IdentityReader } from "../../../elasticsearch/identity/identity.ts";
import type { ExchangeRecord, RouteFacts } from "../../record/exchange-record.ts";
import type { Redactor } from "../../redact/redactor.ts";
import { jsonListed, jsonString, jsonStrings, jsonWireString } from "../json-text.ts";
import { pieceOf, type LineBatch } from "../line-batch.ts";
import { eventCategories, eventType } from "./ecs-event.ts";
import {
  addressFields,
  authFields,
  header,
  rawField,
  tlsFields,
  userFields,
} from "./ecs-fields.ts";

const nothing = pieceOf("");

/** Targets whose parts are kept: twice as many, of about 2 KiB each. */
const keptMatches = 1024;
/** Parts of a longer target, in characters, are not kept: they are some times its length. */
const longTarget = 2048;

/** What depends on the method and the target. */
export class MatchPieces {
  readonly owner: EcsPieces;
  readonly endpoint: ApiEndpoint;
  readonly request: Uint8Array;
  readonly response: Uint8Array;
  /** The `raw` member of the target. */
  readonly raw: string;

  constructor(
    owner: EcsPieces,
    endpoint: ApiEndpoint,
    request: Uint8Array,
    response: Uint8Array,
    raw: string,
  ) {
    this.owner = owner;
    this.endpoint = endpoint;
    this.request = request;
    this.response = response;
    this.raw = raw;
  }
}

/**
 * What depends on the connection and on header fields that its requests repeat; valid while their
 * values are the ones that it was rendered from.
 */
export class ConnectionPieces {
  readonly owner: EcsPieces;
  readonly host: string | undefined;
  readonly userAgent: string | undefined;
  readonly authorization: string | undefined;
  readonly runAs: string | undefined;
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
  readonly clientMeta: string | undefined;
  readonly identity: Identity;
  /** First part of a request record. */
  requestOwn: Uint8Array = nothing;
  /** `raw` members of these header values. */
  raw = "";
  /** Second part of a request record. */
  requestClient: Uint8Array = nothing;
  /** The same two parts of a response record. */
  responseOwn: Uint8Array = nothing;
  responseClient: Uint8Array = nothing;
  responseContentType: string | undefined = undefined;
  /** The part of a response record that depends on the response's type. */
  responseType: Uint8Array = nothing;

  constructor(owner: EcsPieces, record: ExchangeRecord, identity: Identity) {
    this.owner = owner;
    this.host = record.host;
    this.userAgent = record.userAgent;
    this.authorization = record.authorization;
    this.runAs = record.runAs;
    this.contentType = record.contentType;
    this.accept = record.accept;
    this.clientMeta = record.clientMeta;
    this.identity = identity;
  }

  isOf(record: ExchangeRecord): boolean {
    return (
      this.userAgent === record.userAgent &&
      this.authorization === record.authorization &&
      this.host === record.host &&
      this.contentType === record.contentType &&
      this.accept === record.accept &&
      this.clientMeta === record.clientMeta &&
      this.runAs === record.runAs
    );
  }
}

function isLong({ path, query }: ApiMatch): boolean {
  return path.length + (query === undefined ? 0 : query.length) > longTarget;
}

/** What depends on the route. */
class RoutePieces {
  readonly owner: EcsPieces;
  readonly own: Uint8Array;

  constructor(owner: EcsPieces, route: RouteFacts) {
    this.owner = owner;
    this.own = pieceOf(`"route":${jsonString(route.name)},"pool":${jsonString(route.pool)},`);
  }
}

/** What is in every line. */
export interface EcsConstants {
  /** Identifies this run of the process, as JSON. */
  readonly process: string;
  /** `"ecs":{…},`. */
  readonly ecs: string;
  /** `"observer":{…},`. */
  readonly observer: string;
}

/** @param productVersion version of this program, for `observer.version` */
export function ecsConstants(
  processId: string,
  productVersion: string,
  ecsVersion: string,
): EcsConstants {
  return {
    process: jsonString(processId),
    ecs: `"ecs":{"version":"${ecsVersion}"},`,
    observer:
      `"observer":{"type":"proxy","product":"es-proxy","version":${jsonString(productVersion)},` +
      `"hostname":${jsonString(hostname())}},`,
  };
}

/** Renders and keeps the shared parts for one encoder. */
export class EcsPieces {
  readonly #constants: EcsConstants;
  readonly #identities: IdentityReader;
  readonly #redactor: Redactor;
  readonly #isLean: boolean;
  readonly #matches = new GenerationCache<ApiMatch, MatchPieces>(keptMatches);
  readonly #render = (match: ApiMatch): MatchPieces => this.#renderMatch(match);

  /** @param isLean response records leave out what request records say */
  constructor(
    constants: EcsConstants,
    identities: IdentityReader,
    redactor: Redactor,
    isLean: boolean,
  ) {
    this.#isLean = isLean;
    this.#constants = constants;
    this.#identities = identities;
    this.#redactor = redactor;
  }

  /** Looked up for the request record; the response record finds it in the exchange's slot. */
  match(record: ExchangeRecord): MatchPieces {
    const { rendered } = record;
    if (rendered instanceof MatchPieces && rendered.owner === this) return rendered;
    const match = (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
    const pieces = isLong(match)
      ? this.#renderMatch(match)
      : this.#matches.getOrMake(match, this.#render);
    record.rendered = pieces;
    return pieces;
  }

  route(route: RouteFacts | undefined): Uint8Array {
    if (route === undefined) return nothing;
    const { rendered } = route;
    if (rendered instanceof RoutePieces && rendered.owner === this) return rendered.own;
    const pieces = new RoutePieces(this, route);
    route.rendered = pieces;
    return pieces.own;
  }

  /** Rendered again when a repeated header field has another value than last time. */
  connection(record: ExchangeRecord): ConnectionPieces {
    const { rendered } = record.connection;
    const isKnown =
      rendered instanceof ConnectionPieces && rendered.owner === this && rendered.isOf(record);
    const pieces = isKnown ? rendered : this.#renderConnection(record);
    record.connection.rendered = pieces;
    record.identity = pieces.identity;
    return pieces;
  }

  /** The part of a response record that depends on the response's type. */
  responseType(record: ExchangeRecord, pieces: ConnectionPieces): Uint8Array {
    const type = record.responseContentType;
    if (pieces.responseType === nothing || pieces.responseContentType !== type) {
      pieces.responseContentType = type;
      const mimeType =
        type === undefined ? "" : `"mime_type":${jsonWireString(this.#redactor.text(type))},`;
      pieces.responseType = pieceOf(`},"response":{${mimeType}`);
    }
    return pieces.responseType;
  }

  #renderMatch(match: ApiMatch): MatchPieces {
    const { endpoint } = match;
    const { process } = this.#constants;
    const { path, query, indices: expressions, longList } = this.#redactor.target(match);
    const original = query === undefined ? path : `${path}?${query}`;
    const indices = longList === "" ? jsonStrings(expressions) : jsonListed(longList);
    const where = `"url":{"original":${jsonWireString(original)}`;
    const common = eventEnd(endpoint, 0) + where;
    const own =
      `"process":${process},"class":"${endpoint.class}",` +
      (endpoint.deprecated ? '"deprecated":true,' : "") +
      (indices === "" ? "" : `"indices":[${indices}],`);
    const queryField = query === undefined ? "" : `,"query":${jsonWireString(query)}`;
    const indicesField =
      indices === "" ? "" : `"elasticsearch":{"audit":{"indices":[${indices}]}},`;
    return new MatchPieces(
      this,
      endpoint,
      pieceOf(
        `${common},"path":${jsonWireString(path)}${queryField}},` +
          `${indicesField}"es_proxy":{"record":"request",${own}`,
      ),
      pieceOf(
        this.#isLean
          ? `${eventEnd(endpoint, 0)}"es_proxy":{"record":"response","process":${process},`
          : `${common}},"es_proxy":{"record":"response",${own}`,
      ),
      rawField("target", original),
    );
  }

  #renderConnection(record: ExchangeRecord): ConnectionPieces {
    const { connection, authorization, runAs } = record;
    const { ecs, observer } = this.#constants;
    const host = this.#redactor.host(record.host);
    const userAgent = this.#redactor.text(record.userAgent);
    const contentType = this.#redactor.text(record.contentType);
    const accept = this.#redactor.text(record.accept);
    const clientMeta = this.#redactor.text(record.clientMeta);
    const identity = this.#redactor.identity(
      this.#identities.read(authorization, runAs, connection.tls?.clientCertificate),
    );
    const user = userFields(identity);
    const { proxy, peerAddress, peerPort } = connection;
    const client =
      proxy === undefined
        ? addressFields(peerAddress, peerPort)
        : addressFields(proxy.address, proxy.port);
    const source = `"source":${client},`;
    const listener = `"listener":${jsonString(connection.listener)},`;
    const headers =
      header("host", host) + header("accept", accept) + header("x-elastic-client-meta", clientMeta);
    const pieces = new ConnectionPieces(this, record, identity);
    pieces.requestOwn = pieceOf(
      `${listener}${authFields(identity)}"headers":{${headers.slice(0, -1)}`,
    );
    pieces.raw =
      rawField("host", host) +
      rawField("user_agent", userAgent) +
      rawField("user", identity.userName) +
      rawField("effective_user", identity.effectiveUserName) +
      rawField("content_type", contentType) +
      rawField("accept", accept) +
      rawField("client_meta", clientMeta);
    const agent =
      userAgent === undefined ? "" : `"user_agent":{"original":${jsonWireString(userAgent)}},`;
    const type = contentType === undefined ? "" : `"mime_type":${jsonWireString(contentType)},`;
    pieces.requestClient = pieceOf(
      `${ecs}${observer}${source}` +
        `"server":${addressFields(connection.localAddress, connection.localPort)},` +
        `"network":{"protocol":"http","transport":"tcp"},` +
        `${connection.tls === undefined ? "" : tlsFields(connection.tls)}${user}${agent}` +
        `"http":{"request":{${type}`,
    );
    pieces.responseOwn = this.#isLean ? nothing : pieceOf(listener);
    pieces.responseClient = pieceOf(
      this.#isLean ? `${ecs}"http":{"request":{` : `${ecs}${source}${user}"http":{"request":{`,
    );
    return pieces;
  }
}

/**
 * Puts what depends on the target into a response record. It was rendered for a permitted call: 401
 * and 403 get an end of `event` of their own.
 */
export function putResponsePiece(
  batch: LineBatch,
  status: number,
  { endpoint, response }: MatchPieces,
): void {
  if (status !== 401 && status !== 403) {
    batch.putPiece(response);
    return;
  }
  const permitted = eventEnd(endpoint, 0).length;
  batch.putText(eventEnd(endpoint, status));
  batch.putPiece(response.subarray(permitted));
}

/** The end of `event` behind the id; what follows it begins with `url`. */
function eventEnd(endpoint: ApiEndpoint, status: number): string {
  const categories = eventCategories(endpoint, status);
  const types = eventType(endpoint, status);
  return `","action":${jsonString(endpoint.name)},"category":${categories},"type":${types}},`;
}
