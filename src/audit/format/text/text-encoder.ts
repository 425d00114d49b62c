import type { Clock } from "../../../core/clock.ts";
import type { IdentityReader } from "../../../elasticsearch/identity/identity.ts";
import { textAt } from "../audit-document.ts";
import type { Encoder, Gap, OpenRequest } from "../encoder.ts";
import type { LineBatch } from "../line-batch.ts";
import type { BodyFacts } from "../../record/body-facts.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";
import type { Redactor } from "../../redact/redactor.ts";
import type { TrailEvent } from "../../record/trail-event.ts";
import type { SessionRecord } from "../../record/session-record.ts";
import { eventText } from "./text-event.ts";
import { gapText } from "./text-gap.ts";
import { recoveredText } from "./text-recovered.ts";
import { decidedText, endedText, recoveredSessionText } from "./text-session.ts";
import { pointerText } from "./text-body.ts";
import { escapeValue } from "./text-escaping.ts";
import { TextPieces } from "./text-pieces.ts";
import { TimestampWriter } from "../timestamp.ts";

/** What the text encoder needs to know. */
export interface TextOptions {
  readonly clock: Clock;
  readonly identities: IdentityReader;
  readonly redactor: Redactor;
}

/**
 * The lines people grep: `TIMESTAMP ID: UUID User: NAME Path: /path Query: PARAMS Method: GET
 * Source: IP Agent: AGENT Body: BASE64` and, when the exchange has ended, `… Agent: AGENT Status:
 * 200 Duration: 0.005s Size: 1234`.
 *
 * `Query: None` without a query, `User: anonymous` without a credential, `Agent: -` without one; a
 * value equal to such a word is escaped. `Body` is the request body in base64, empty when there is
 * none or the level is `metadata`; `pack:NAME,offset:16,stored:1234,size:56789,sha256:HEX` when it
 * lies in a pack; `sha256:HEX,size:1234,not-stored` when it was too large for the line and was not
 * kept; `redacted-HEX` when nothing of it may be stored; `,redaction:redacted,removed:2,hmac:HEX`
 * behind any of them when values were removed; `(streamed)` when it was still under way: then
 * ` Request-Body: …` in the same notation ends the second line. An outcome other than `completed`
 * is added as ` Outcome: NAME`; `Status: 0` means that none was sent. `Size` is the response body
 * in bytes; response bodies are recorded by the `ecs` format only.
 */
export class TextLineEncoder implements Encoder {
  readonly extension = ".log";
  readonly #clock: Clock;
  readonly #pieces: TextPieces;
  readonly #time = new TimestampWriter(" ");

  constructor(options: TextOptions) {
    this.#clock = options.clock;
    this.#pieces = new TextPieces(options.identities, options.redactor);
  }

  request(batch: LineBatch, record: ExchangeRecord): void {
    this.#putHead(batch, record, record.startedMs);
    batch.putText(" Body: ");
    putTextBody(batch, record.requestBody);
    batch.putText("\n");
  }

  terminal(batch: LineBatch, record: ExchangeRecord): void {
    this.#putHead(batch, record, record.endedMs);
    batch.putText(" Status: ");
    batch.putNumber(record.status);
    batch.putText(" Duration: ");
    const milliseconds = Math.max(0, Math.round(record.endedMs - record.startedMs));
    batch.putNumber(Math.floor(milliseconds / 1000));
    batch.putText(".");
    batch.putDigits(milliseconds % 1000, 3);
    batch.putText("s Size: ");
    batch.putNumber(record.responseBody.bytes);
    if (record.outcome !== "completed") batch.putText(` Outcome: ${record.outcome}`);
    if (record.requestBody.isLate) {
      batch.putText(" Request-Body: ");
      putTextBody(batch, record.requestBody);
    }
    batch.putText("\n");
  }

  sessionDecided(batch: LineBatch, record: SessionRecord): void {
    this.#time.put(batch, this.#clock.wallAt(record.decidedMs));
    batch.putText(decidedText(record));
  }

  sessionEnded(batch: LineBatch, record: SessionRecord): void {
    this.#time.put(batch, this.#clock.wallAt(record.endedMs));
    batch.putText(endedText(record));
  }

  gap(batch: LineBatch, gap: Gap, id: string, _sequence: number, wallMs: number): void {
    this.#time.put(batch, wallMs);
    batch.putText(gapText(gap, id));
    this.#time.put(batch, gap.fromMs);
    batch.putText(" To: ");
    this.#time.put(batch, gap.toMs);
    batch.putText("\n");
  }

  event(batch: LineBatch, event: TrailEvent, id: string, _sequence: number, wallMs: number): void {
    this.#time.put(batch, wallMs);
    batch.putText(eventText(event, id));
  }

  recovered(batch: LineBatch, open: OpenRequest, _sequence: number, wallMs: number): void {
    const { id, request, requestBody } = open;
    this.#time.put(batch, wallMs);
    if (textAt(request, "es_proxy.record") === "session_start")
      batch.putText(recoveredSessionText(id, request));
    else batch.putText(recoveredText(id, request, requestBody));
  }

  #putHead(batch: LineBatch, record: ExchangeRecord, monotonicMs: number): void {
    const match = this.#pieces.match(record);
    const pieces = this.#pieces.connection(record);
    this.#time.put(batch, this.#clock.wallAt(monotonicMs));
    batch.putText(" ID: ");
    batch.putText(record.id);
    batch.putPiece(pieces.user);
    batch.putPiece(match.target);
    batch.putText(escapeValue(record.method));
    batch.putPiece(pieces.client);
  }
}

/** Puts the value of `Body`. */
function putTextBody(batch: LineBatch, body: BodyFacts): void {
  switch (body.state) {
    case "none":
      return;
    case "streaming":
      batch.putText("(streamed)");
      return;
    case "stored":
      if (body.pointer !== undefined) batch.putText(pointerText(body.pointer));
      break;
    case "not_stored":
      batch.putText(`sha256:${body.sha256},size:${body.bytes},not-stored`);
      break;
    case "hidden":
      batch.putText(`redacted-${body.hmac}`);
      if (body.redaction === "bounded") batch.putText(",redaction:bounded");
      return;
    case "inline":
      if (body.content !== undefined) batch.putBase64(body.content);
  }
  if (body.redaction !== "none")
    batch.putText(
      `,redaction:${body.redaction},removed:${body.removed}` +
        (body.hmac === "" ? "" : `,hmac:${body.hmac}`),
    );
}
