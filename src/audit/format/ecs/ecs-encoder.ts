/** Writes records as JSON with the names of the Elastic Common Schema: the `ecs` format. */
import type { Clock } from "../../../core/clock.ts";
import type { IdentityReader } from "../../../elasticsearch/identity/identity.ts";
import { putBody, putBodyFacts, renderBody } from "./ecs-body.ts";
import { eventOutcome } from "./ecs-event.ts";
import { clientFields, header, methodField, rawField, traceFields } from "./ecs-fields.ts";
import { ecsConstants, EcsPieces, putResponsePiece } from "./ecs-pieces.ts";
import type { ConnectionPieces, EcsConstants, MatchPieces } from "./ecs-pieces.ts";
import { recoveredEnd, recoveredEvent } from "./ecs-recovered.ts";
import { decidedEvent, decidedRest, endedEvent, endedRest } from "./ecs-session.ts";
import { trailEventText } from "./ecs-trail-event.ts";
import { ecsVersion } from "./ecs-version.ts";
import type { Encoder, Gap, OpenRequest } from "../encoder.ts";
import { jsonAscii, jsonString, jsonWireString } from "../json-text.ts";
import { pieceOf, type LineBatch } from "../line-batch.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";
import type { Redactor } from "../../redact/redactor.ts";
import type { TrailEvent } from "../../record/trail-event.ts";
import type { SessionRecord } from "../../record/session-record.ts";
import { TimestampWriter } from "../timestamp.ts";

const start = pieceOf('{"@timestamp":"');
const event = pieceOf('Z","event":{"kind":"event","dataset":"es_proxy.audit","sequence":');
const nothing = pieceOf("");
const beforeFirstByte = pieceOf(',"time_to_first_byte":');
const http11End = pieceOf('},"version":"1.1"}}\n');

/** What the ECS encoder needs to know. */
export interface EcsOptions {
  readonly clock: Clock;
  readonly identities: IdentityReader;
  /** Decides what of the values may be recorded. */
  readonly redactor: Redactor;
  /** Version of this program, for `observer.version`. */
  readonly productVersion: string;
  /** Tells the lines of one process run from those of another, whatever the clocks say. */
  readonly processId: string;
  /** Response records leave out what the request record with the same id says. @default false */
  readonly isLean?: boolean;
}

/**
 * Elastic Common Schema, one JSON object a line, plus `es_proxy.*`. A line is put together from
 * pieces: what depends on the target, the connection, its repeated header fields and the route is
 * rendered once and kept on their objects; a request renders only what is its own.
 *
 * The response record repeats who, what and where, so that a search needs no join, unless it is to
 * be lean; what describes the client and its connection further (`user_agent`, `tls`, `server`,
 * header fields) is in the request record with the same `event.id`.
 */
export class EcsEncoder implements Encoder {
  readonly extension = ".ndjson";
  readonly #clock: Clock;
  readonly #redactor: Redactor;
  readonly #constants: EcsConstants;
  readonly #pieces: EcsPieces;
  readonly #isLean: boolean;
  readonly #time = new TimestampWriter("T");
  readonly #startTime = new TimestampWriter("T");
  #endpoint = "";
  #endpointPiece = nothing;

  constructor(options: EcsOptions) {
    this.#clock = options.clock;
    this.#redactor = options.redactor;
    this.#isLean = options.isLean ?? false;
    this.#constants = ecsConstants(options.processId, options.productVersion, ecsVersion);
    this.#pieces = new EcsPieces(
      this.#constants,
      options.identities,
      options.redactor,
      this.#isLean,
    );
  }

  request(batch: LineBatch, record: ExchangeRecord, sequence: number): void {
    const match = this.#pieces.match(record);
    const pieces = this.#pieces.connection(record);
    const text = renderBody(record.requestBody, record.contentEncoding);
    batch.putPiece(start);
    this.#time.put(batch, this.#clock.wallAt(record.startedMs));
    batch.putPiece(event);
    batch.putNumber(sequence);
    batch.putText(',"id":"');
    batch.putText(record.id);
    batch.putPiece(match.request);
    batch.putPiece(this.#pieces.route(record.route));
    batch.putPiece(pieces.requestOwn);
    this.#putHeaders(batch, record, match, pieces);
    putBodyFacts(batch, "request_body", record.requestBody, text);
    batch.putText(',"received":');
    batch.putNumber(record.bytesReceived);
    if (record.clientEvidence === "peer") batch.putText("},");
    else batch.putText(`,"client_evidence":"${record.clientEvidence}"},${clientFields(record)}`);
    if (record.traceparent !== undefined) batch.putText(traceFields(record.traceparent));
    batch.putPiece(pieces.requestClient);
    if (record.requestId !== undefined)
      batch.putText(`"id":${jsonWireString(this.#redactor.text(record.requestId))},`);
    batch.putText(methodField(record.method));
    putBody(batch, record.requestBody, text);
    putEnd(batch, record.version);
  }

  terminal(batch: LineBatch, record: ExchangeRecord, sequence: number): void {
    const match = this.#pieces.match(record);
    const pieces = this.#pieces.connection(record);
    const text = renderBody(record.responseBody, record.responseContentEncoding);
    const { isLate } = record.requestBody;
    const lateText = isLate ? renderBody(record.requestBody, record.contentEncoding) : undefined;
    batch.putPiece(start);
    this.#time.put(batch, this.#clock.wallAt(record.endedMs));
    batch.putPiece(event);
    batch.putNumber(sequence);
    batch.putText(',"outcome":"');
    batch.putText(eventOutcome(record));
    batch.putText('","duration":');
    batch.putNumber(nanoseconds(record.startedMs, record.endedMs));
    batch.putText(',"start":"');
    this.#startTime.put(batch, this.#clock.wallAt(record.startedMs));
    batch.putText('Z","id":"');
    batch.putText(record.id);
    putResponsePiece(batch, record.status, match);
    if (!this.#isLean) batch.putPiece(this.#pieces.route(record.route));
    batch.putPiece(pieces.responseOwn);
    batch.putText('"outcome":"');
    batch.putText(record.outcome);
    batch.putText('","attempts":');
    batch.putNumber(record.attempts);
    this.#putUpstream(batch, record);
    if (record.responseContentEncoding !== undefined)
      batch.putText(
        ',"response_encoding":' +
          jsonWireString(this.#redactor.text(record.responseContentEncoding)),
      );
    putBodyFacts(batch, "response_body", record.responseBody, text);
    if (isLate) putBodyFacts(batch, "request_body", record.requestBody, lateText);
    if (record.sniff !== undefined) batch.putText(`,"sniff":${jsonAscii(record.sniff)}`);
    if (record.facts !== undefined) batch.putText(`,"facts":{${record.facts.text(record.status)}}`);
    batch.putText(',"received":');
    batch.putNumber(record.bytesReceived);
    batch.putText("},");
    if (record.clientEvidence !== "peer" && !this.#isLean) batch.putText(clientFields(record));
    if (record.errorCode !== "") batch.putText(`"error":{"code":${jsonString(record.errorCode)}},`);
    batch.putPiece(pieces.responseClient);
    batch.putText(methodField(record.method));
    if (isLate) putBody(batch, record.requestBody, lateText);
    batch.putPiece(this.#pieces.responseType(record, pieces));
    if (record.status !== 0) {
      batch.putText('"status_code":');
      batch.putNumber(record.status);
      batch.putText(",");
    }
    batch.putText('"bytes":');
    batch.putNumber(record.bytesSent);
    putBody(batch, record.responseBody, text);
    putEnd(batch, record.version);
  }

  sessionDecided(batch: LineBatch, record: SessionRecord, sequence: number): void {
    this.#putStart(batch, sequence, this.#clock.wallAt(record.decidedMs));
    batch.putText(decidedEvent(record));
    this.#putSessionEnd(batch, record, decidedRest(record, this.#constants.process));
  }

  sessionEnded(batch: LineBatch, record: SessionRecord, sequence: number): void {
    this.#putStart(batch, sequence, this.#clock.wallAt(record.endedMs));
    batch.putText(endedEvent(record, nanoseconds(record.acceptedMs, record.endedMs)));
    this.#putSessionEnd(batch, record, endedRest(record, this.#constants.process));
  }

  gap(batch: LineBatch, gap: Gap, id: string, sequence: number, wallMs: number): void {
    this.#putStart(batch, sequence, wallMs);
    batch.putText(
      `,"id":"${id}","action":"audit.gap","category":["configuration"],` +
        `"type":["info"],"outcome":"failure","start":"`,
    );
    this.#startTime.put(batch, gap.fromMs);
    batch.putText('Z","end":"');
    this.#startTime.put(batch, gap.toMs);
    batch.putText(
      `Z","reason":${jsonString(gap.reason)}},"es_proxy":{"record":"gap","process":` +
        `${this.#constants.process},` +
        `"gap":{"first_sequence":${gap.firstSequence},"last_sequence":` +
        `${gap.lastSequence},"records":${gap.records},` +
        `"bytes":${gap.bytes},"refused":${gap.refused}}},${this.#constants.observer}` +
        `"ecs":{"version":"${ecsVersion}"}}\n`,
    );
  }

  event(batch: LineBatch, event: TrailEvent, id: string, sequence: number, wallMs: number): void {
    this.#putStart(batch, sequence, wallMs);
    batch.putText(trailEventText(event, id, this.#constants.process));
    batch.putText(`${this.#constants.observer}"ecs":{"version":"${ecsVersion}"}}\n`);
  }

  recovered(batch: LineBatch, open: OpenRequest, sequence: number, wallMs: number): void {
    this.#putStart(batch, sequence, wallMs);
    batch.putText(recoveredEvent(open));
    batch.putText(recoveredEnd(open, this.#constants.process));
    batch.putText(`${this.#constants.observer}"ecs":{"version":"${ecsVersion}"}}\n`);
  }

  #putStart(batch: LineBatch, sequence: number, wallMs: number): void {
    batch.putPiece(start);
    this.#time.put(batch, wallMs);
    batch.putPiece(event);
    batch.putNumber(sequence);
  }

  #putSessionEnd(batch: LineBatch, record: SessionRecord, rest: string): void {
    batch.putText(',"start":"');
    this.#startTime.put(batch, this.#clock.wallAt(record.acceptedMs));
    batch.putText(`Z"},${rest}${this.#constants.observer}"ecs":{"version":"${ecsVersion}"}}\n`);
  }

  /**
   * Ends `headers` with the fields that differ from request to request, and puts the exact bytes of
   * what is not ASCII.
   */
  #putHeaders(
    batch: LineBatch,
    record: ExchangeRecord,
    match: MatchPieces,
    pieces: ConnectionPieces,
  ): void {
    const redactor = this.#redactor;
    const contentEncoding = redactor.text(record.contentEncoding);
    const opaqueId = redactor.text(record.opaqueId);
    const traceparent = redactor.text(record.traceparent);
    const forwardedFor = redactor.text(record.forwardedFor);
    const forwarded = redactor.forwarded(record.forwarded);
    const productOrigin = redactor.text(record.productOrigin);
    let own =
      header("content-encoding", contentEncoding) +
      header("x-opaque-id", opaqueId) +
      header("traceparent", traceparent) +
      header("x-forwarded-for", forwardedFor) +
      header("forwarded", forwarded) +
      header("x-elastic-product-origin", productOrigin);
    if (own !== "") {
      const isFirst =
        record.host === undefined && record.accept === undefined && record.clientMeta === undefined;
      own = own.slice(0, -1);
      batch.putText(isFirst ? own : `,${own}`);
    }
    batch.putText("}");
    const raw =
      pieces.raw +
      match.raw +
      rawField("method", record.method) +
      (own === "" && record.requestId === undefined
        ? ""
        : rawField("request_id", redactor.text(record.requestId)) +
          rawField("opaque_id", opaqueId) +
          rawField("traceparent", traceparent) +
          rawField("forwarded_for", forwardedFor) +
          rawField("forwarded", forwarded) +
          rawField("product_origin", productOrigin) +
          rawField("content_encoding", contentEncoding));
    if (raw !== "") batch.putText(`,"raw":{${raw.slice(0, -1)}}`);
  }

  #putUpstream(batch: LineBatch, record: ExchangeRecord): void {
    if (record.endpoint !== "") {
      if (record.endpoint !== this.#endpoint) {
        this.#endpoint = record.endpoint;
        this.#endpointPiece = pieceOf(
          `,"upstream":{"endpoint":${jsonString(record.endpoint)},"reused":`,
        );
      }
      batch.putPiece(this.#endpointPiece);
      batch.putText(record.upstreamReused ? "true}" : "false}");
    }
    if (record.firstByteMs === 0) return;
    batch.putPiece(beforeFirstByte);
    batch.putNumber(nanoseconds(record.startedMs, record.firstByteMs));
  }
}

function nanoseconds(fromMs: number, toMs: number): number {
  return Math.max(0, Math.round((toMs - fromMs) * 1e6));
}

function putEnd(batch: LineBatch, version: string): void {
  if (version === "1.1") batch.putPiece(http11End);
  else batch.putText(`},"version":${jsonString(version)}}}\n`);
}
