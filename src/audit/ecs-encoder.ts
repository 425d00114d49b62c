import { hostname } from "node:os";

import type { Clock } from "../core/clock.ts";
import { matchApiEndpoint, type ApiMatch } from "../elasticsearch/api-endpoint.ts";
import type { IdentityReader } from "../elasticsearch/identity.ts";
import { bodyFields, bodyOwnFields } from "./ecs-body.ts";
import { eventCategories, eventOutcome, eventType } from "./ecs-event.ts";
import { addressFields, authFields, header, methodField, rawField, tlsFields, traceFields, userFields } from "./ecs-fields.ts";
import { recoveredLine } from "./ecs-recovered.ts";
import type { Encoder, Gap, OpenRequest } from "./encoder.ts";
import { jsonString, jsonWireString } from "./json-text.ts";
import type { ConnectionPieces } from "./pieces.ts";
import type { ConnectionFacts, ExchangeRecord, RouteFacts } from "./record.ts";
import { redactPath, redactQuery } from "./redaction.ts";
import { TimestampWriter } from "./timestamp.ts";

/** The released version of the Elastic Common Schema whose field names are used. */
export const ecsVersion = "9.2.0";

const start = '{"@timestamp":"';
const event = `","event":{"kind":"event","module":"es_proxy","dataset":"es_proxy.audit","sequence":`;

/** What the ECS encoder needs to know. */
export interface EcsOptions {
  readonly clock: Clock;
  readonly identities: IdentityReader;
  /** Key of the markers that stand for secrets. */
  readonly hmacKey: Uint8Array;
  /** Version of this program, for `observer.version`. */
  readonly productVersion: string;
  /** Tells the lines of one process run from those of another, whatever the clocks say. */
  readonly processId: string;
}

/**
 * Elastic Common Schema, one JSON object a line, plus `es_proxy.*`. A line is put together from pieces: what depends on the target, the connection, its
 * repeated header fields and the route is rendered once and kept on their objects; a request renders only what is its own.
 */
export class EcsEncoder implements Encoder {
  readonly extension = ".ndjson";
  readonly #clock: Clock;
  readonly #identities: IdentityReader;
  readonly #key: Uint8Array;
  readonly #process: string;
  readonly #observer: string;
  readonly #time = TimestampWriter.iso();
  readonly #startTime = TimestampWriter.iso();
  #endpoint = "";
  #endpointText = "";

  constructor(options: EcsOptions) {
    this.#clock = options.clock;
    this.#identities = options.identities;
    this.#key = options.hmacKey;
    this.#process = jsonString(options.processId);
    this.#observer =
      `"ecs":{"version":"${ecsVersion}"},"observer":{"type":"proxy","product":"es-proxy",` +
      `"version":${jsonString(options.productVersion)},"hostname":${jsonString(hostname())}},`;
  }

  request(record: ExchangeRecord, sequence: number): string {
    const match = this.#match(record);
    const pieces = this.#pieces(record);
    const body = bodyFields(record.requestBody, record.contentEncoding, this.#key);
    const own = bodyOwnFields(record.requestBody, body);
    return (
      start +
      this.#time.write(this.#clock.wallAt(record.startedMs)) +
      event +
      sequence +
      ',"id":"' +
      record.id +
      match.requestPiece +
      this.#route(record.route) +
      pieces.extras +
      this.#ownFields(record, match, pieces) +
      (own === "" ? '"received":' : `"request_body":{${own}},"received":`) +
      record.bytesReceived +
      "}," +
      pieces.fixed +
      pieces.client +
      traceFields(record.traceparent) +
      '"http":{"request":{' +
      (record.requestId === undefined ? "" : `"id":${jsonWireString(record.requestId)},`) +
      pieces.mime +
      methodField(record.method) +
      body.http +
      (record.version === "1.1" ? '},"version":"1.1"}}\n' : `},"version":${jsonString(record.version)}}}\n`)
    );
  }

  terminal(record: ExchangeRecord, sequence: number): string {
    const match = this.#match(record);
    const pieces = this.#pieces(record);
    const body = bodyFields(record.responseBody, record.responseContentEncoding, this.#key);
    const own = bodyOwnFields(record.responseBody, body);
    return (
      start +
      this.#time.write(this.#clock.wallAt(record.endedMs)) +
      event +
      sequence +
      ',"outcome":"' +
      eventOutcome(record) +
      '","duration":' +
      Math.round((record.endedMs - record.startedMs) * 1e6) +
      ',"start":"' +
      this.#startTime.write(this.#clock.wallAt(record.startedMs)) +
      '","id":"' +
      record.id +
      match.responsePiece +
      this.#route(record.route) +
      pieces.extras +
      '"outcome":"' +
      record.outcome +
      '","attempts":' +
      record.attempts +
      this.#upstream(record) +
      (record.firstByteMs === 0
        ? ""
        : ',"time_to_first_byte":' + Math.round((record.firstByteMs - record.startedMs) * 1e6)) +
      (record.responseContentEncoding === undefined
        ? ""
        : `,"response_encoding":${jsonWireString(record.responseContentEncoding)}`) +
      (own === "" ? ',"received":' : `,"response_body":{${own}},"received":`) +
      record.bytesReceived +
      this.#lateRequestBody(record) +
      "}," +
      (record.errorCode === "" ? "" : `"error":{"code":${jsonString(record.errorCode)}},`) +
      pieces.fixedShort +
      pieces.clientShort +
      '"http":{"request":{' +
      methodField(record.method) +
      (record.requestBody.isLate ? bodyFields(record.requestBody, record.contentEncoding, this.#key).http : "") +
      '},"response":{' +
      this.#responseMime(record, pieces) +
      (record.status === 0 ? '"bytes":' : `"status_code":${record.status},"bytes":`) +
      record.bytesSent +
      body.http +
      (record.version === "1.1" ? '},"version":"1.1"}}\n' : `},"version":${jsonString(record.version)}}}\n`)
    );
  }

  gap(gap: Gap, id: string, sequence: number, wallMs: number): string {
    return (
      `${start}${this.#time.write(wallMs)}${event}${sequence},"id":"${id}","action":"audit.gap","category":["configuration"],` +
      `"type":["error"],"outcome":"failure","start":"${this.#startTime.write(gap.fromMs)}","end":"${this.#startTime.write(gap.toMs)}",` +
      `"reason":${jsonString(gap.reason)}},"es_proxy":{"record":"gap","process":${this.#process},"gap":{"first_sequence":${gap.firstSequence},` +
      `"last_sequence":${gap.lastSequence},"records":${gap.records},"bytes":${gap.bytes},"refused":${gap.refused},` +
      `"reason":${jsonString(gap.reason)}}},${this.#observer.slice(0, -1)}}\n`
    );
  }

  recovered(open: OpenRequest, sequence: number, wallMs: number): string {
    return recoveredLine(open, {
      head: `${start}${this.#time.write(wallMs)}${event}${sequence},"outcome":"unknown",`,
      process: this.#process,
      tail: `${this.#observer.slice(0, -1)}}\n`,
    });
  }

  /** The match of the record, with this encoder's pieces of it. */
  #match(record: ExchangeRecord): ApiMatch {
    const match = (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
    if (match.renderedBy !== this) this.#renderMatch(match);
    return match;
  }

  #renderMatch(match: ApiMatch): void {
    const { endpoint } = match;
    const path = redactPath(match.path, this.#key);
    const query = match.query === undefined ? undefined : redactQuery(match.query, this.#key);
    const original = query === undefined ? path : `${path}?${query}`;
    const indices = match.indices.map((index) => jsonString(index)).join(",");
    const common =
      `","action":${jsonString(endpoint.name)},"category":${eventCategories(endpoint)},"type":${eventType(endpoint)}},` +
      `"url":{"original":${jsonWireString(original)},"path":${jsonWireString(path)}` +
      (query === undefined ? "" : `,"query":${jsonWireString(query)}`) +
      "}," +
      (indices === "" ? "" : `"elasticsearch":{"audit":{"indices":[${indices}]}},`);
    const own =
      `"process":${this.#process},"class":"${endpoint.class}",` +
      (endpoint.deprecated ? '"deprecated":true,' : "") +
      (indices === "" ? "" : `"indices":[${indices}],`);
    match.requestPiece = `${common}"es_proxy":{"record":"request",${own}`;
    match.responsePiece = `${common}"es_proxy":{"record":"response",${own}`;
    match.rawPiece = rawField("target", original);
    match.renderedBy = this;
  }

  #route(route: RouteFacts | undefined): string {
    if (route === undefined) return "";
    let pieces = route.pieces;
    if (pieces === undefined || pieces.owner !== this) {
      pieces = { owner: this, text: `"route":${jsonString(route.name)},"pool":${jsonString(route.pool)},` };
      route.pieces = pieces;
    }
    return pieces.text;
  }

  /** The connection's pieces, rendered again when a repeated header field has another value than last time. */
  #pieces(record: ExchangeRecord): ConnectionPieces {
    const { connection } = record;
    let pieces = connection.pieces;
    if (pieces === undefined || pieces.owner !== this) {
      pieces = this.#renderConnection(connection);
      connection.pieces = pieces;
      this.#renderClient(record, pieces);
    } else if (
      pieces.userAgent !== record.userAgent ||
      pieces.authorization !== record.authorization ||
      pieces.host !== record.host ||
      pieces.contentType !== record.contentType ||
      pieces.accept !== record.accept ||
      pieces.clientMeta !== record.clientMeta ||
      pieces.runAs !== record.runAs
    ) {
      this.#renderClient(record, pieces);
    }
    record.identity = pieces.identity;
    return pieces;
  }

  #renderConnection(connection: ConnectionFacts): ConnectionPieces {
    const source = `"source":${addressFields(connection.peerAddress, connection.peerPort)},`;
    return {
      owner: this,
      fixed:
        `${this.#observer}${source}"server":${addressFields(connection.localAddress, connection.localPort)},` +
        `"network":{"protocol":"http","transport":"tcp"},${connection.tls === undefined ? "" : tlsFields(connection.tls)}`,
      fixedShort: `${this.#observer}${source}`,
      host: undefined,
      userAgent: undefined,
      authorization: undefined,
      runAs: undefined,
      contentType: undefined,
      accept: undefined,
      clientMeta: undefined,
      identity: undefined,
      client: "",
      clientShort: "",
      mime: "",
      extras: "",
      headers: "",
      raw: "",
      responseContentType: undefined,
      responseMime: "",
    };
  }

  #renderClient(record: ExchangeRecord, pieces: ConnectionPieces): void {
    pieces.host = record.host;
    pieces.userAgent = record.userAgent;
    pieces.authorization = record.authorization;
    pieces.runAs = record.runAs;
    pieces.contentType = record.contentType;
    pieces.accept = record.accept;
    pieces.clientMeta = record.clientMeta;
    const certificate = record.connection.tls?.clientCertificate;
    const identity = this.#identities.read(record.authorization, record.runAs, certificate);
    pieces.identity = identity;
    const user = userFields(identity);
    pieces.client =
      user + (record.userAgent === undefined ? "" : `"user_agent":{"original":${jsonWireString(record.userAgent)}},`);
    pieces.clientShort = user;
    pieces.mime = record.contentType === undefined ? "" : `"mime_type":${jsonWireString(record.contentType)},`;
    pieces.extras = `"listener":${jsonString(record.connection.listener)},${authFields(identity)}`;
    pieces.headers =
      header("host", record.host) + header("accept", record.accept) + header("x-elastic-client-meta", record.clientMeta);
    pieces.raw =
      rawField("host", record.host) +
      rawField("user_agent", record.userAgent) +
      rawField("user", identity.userName) +
      rawField("user_id", identity.userId) +
      rawField("effective_user", identity.effectiveUserName) +
      rawField("content_type", record.contentType) +
      rawField("accept", record.accept) +
      rawField("client_meta", record.clientMeta);
  }

  /** Header fields that differ from request to request, and exact octets of what is not ASCII. */
  #ownFields(record: ExchangeRecord, match: ApiMatch, pieces: ConnectionPieces): string {
    const headers =
      pieces.headers +
      header("content-encoding", record.contentEncoding) +
      header("x-opaque-id", record.opaqueId) +
      header("traceparent", record.traceparent) +
      header("x-forwarded-for", record.forwardedFor) +
      header("forwarded", record.forwarded) +
      header("x-elastic-product-origin", record.productOrigin);
    const raw =
      pieces.raw +
      match.rawPiece +
      rawField("method", record.method) +
      rawField("request_id", record.requestId) +
      rawField("opaque_id", record.opaqueId) +
      rawField("traceparent", record.traceparent) +
      rawField("forwarded_for", record.forwardedFor) +
      rawField("forwarded", record.forwarded) +
      rawField("product_origin", record.productOrigin) +
      rawField("content_encoding", record.contentEncoding);
    return (
      (headers === "" ? "" : `"headers":{${headers.slice(0, -1)}},`) + (raw === "" ? "" : `"raw":{${raw.slice(0, -1)}},`)
    );
  }

  #responseMime(record: ExchangeRecord, pieces: ConnectionPieces): string {
    const type = record.responseContentType;
    if (type === undefined) return "";
    if (pieces.responseContentType !== type) {
      pieces.responseContentType = type;
      pieces.responseMime = `"mime_type":${jsonWireString(type)},`;
    }
    return pieces.responseMime;
  }

  #upstream(record: ExchangeRecord): string {
    if (record.endpoint === "") return "";
    if (record.endpoint !== this.#endpoint) {
      this.#endpoint = record.endpoint;
      this.#endpointText = `,"upstream":{"endpoint":${jsonString(record.endpoint)},"reused":`;
    }
    return this.#endpointText + (record.upstreamReused ? "true}" : "false}");
  }

  /** The request's body, when it was still under way at the time of the request record. */
  #lateRequestBody(record: ExchangeRecord): string {
    if (!record.requestBody.isLate) return "";
    const own = bodyOwnFields(record.requestBody, bodyFields(record.requestBody, record.contentEncoding, this.#key));
    return own === "" ? "" : `,"request_body":{${own}}`;
  }
}
