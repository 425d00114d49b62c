import { isIP } from "node:net";

import type { Clock } from "../core/clock.ts";
import { matchApiEndpoint, type ApiMatch } from "../elasticsearch/api-endpoint.ts";
import type { Identity, IdentityReader } from "../elasticsearch/identity.ts";
import type { Encoder, Gap, OpenRequest } from "./encoder.ts";
import type { BodyFacts, ExchangeRecord } from "./record.ts";
import { redactJsonText, redactPath, redactQuery } from "./redaction.ts";
import { escapeUnlike, escapeValue } from "./text-value.ts";
import { TimestampWriter } from "./timestamp.ts";

/** What the text encoder needs to know. */
export interface TextOptions {
  readonly clock: Clock;
  readonly identities: IdentityReader;
  readonly hmacKey: Uint8Array;
}

/**
 * The lines people grep:
 * `TIMESTAMP ID: UUID User: NAME Path: /path Query: PARAMS Method: GET Source: IP Agent: AGENT Body: BASE64` and, when the exchange has ended,
 * `… Agent: AGENT Status: 200 Duration: 0.005s Size: 1234`.
 *
 * `Query: None` without a query, `User: anonymous` without a credential, `Agent: -` without one; a value equal to such a word is escaped. `Body` is the request
 * body in base64, empty when there is none or the level is `metadata`; `sha256:HEX` when it lies in the body store; `redacted-HEX` when the API endpoint's bodies hold
 * credentials; `(streamed)` when it was still under way: then ` Request-Body: …` in the same notation ends the second line. An outcome other than
 * `completed` is added as ` Outcome: NAME`; `Status: 0` means that none was sent. `Size` is the response body in octets; response bodies are
 * recorded by the `ecs` format only.
 */
export class TextLineEncoder implements Encoder {
  readonly extension = ".log";
  readonly #clock: Clock;
  readonly #identities: IdentityReader;
  readonly #key: Uint8Array;
  readonly #time = TimestampWriter.plain();

  constructor(options: TextOptions) {
    this.#clock = options.clock;
    this.#identities = options.identities;
    this.#key = options.hmacKey;
  }

  request(record: ExchangeRecord): string {
    const { requestBody } = record;
    return `${this.#head(record, record.startedMs)} Body: ${this.#body(requestBody, record.contentEncoding)}\n`;
  }

  terminal(record: ExchangeRecord): string {
    const { requestBody } = record;
    const seconds = Math.max(0, (record.endedMs - record.startedMs) / 1000).toFixed(3);
    return (
      `${this.#head(record, record.endedMs)} Status: ${record.status} Duration: ${seconds}s Size: ${record.responseBody.bytes}` +
      (record.outcome === "completed" ? "" : ` Outcome: ${record.outcome}`) +
      (requestBody.isLate ? ` Request-Body: ${this.#body(requestBody, record.contentEncoding)}\n` : "\n")
    );
  }

  gap(gap: Gap, id: string, _sequence: number, wallMs: number): string {
    return (
      `${this.#time.write(wallMs)} ID: ${id} Gap: ${gap.records} First: ${gap.firstSequence} Last: ${gap.lastSequence} Bytes: ${gap.bytes} ` +
      `Refused: ${gap.refused} Reason: ${escapeValue(gap.reason)} From: ${this.#time.write(gap.fromMs)} To: ${this.#time.write(gap.toMs)}\n`
    );
  }

  recovered(open: OpenRequest, _sequence: number, wallMs: number): string {
    const middle = / User: .* Agent: .*(?= Body: )/.exec(open.line)?.[0] ?? "";
    return `${this.#time.write(wallMs)} ID: ${open.id}${middle} Status: 0 Duration: 0.000s Size: 0 Outcome: crash_recovered${open.requestBody === undefined ? "" : ` Request-Body: sha256:${open.requestBody.sha256}`}\n`;
  }

  #head(record: ExchangeRecord, monotonicMs: number): string {
    const match = (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
    if (match.renderedBy !== this) this.#renderMatch(match);
    const { connection } = record;
    let pieces = connection.pieces;
    if (
      pieces === undefined ||
      pieces.owner !== this ||
      pieces.userAgent !== record.userAgent ||
      pieces.authorization !== record.authorization ||
      pieces.runAs !== record.runAs
    ) {
      pieces = this.#render(record);
      connection.pieces = pieces;
    }
    record.identity = pieces.identity;
    return (
      this.#time.write(this.#clock.wallAt(monotonicMs)) +
      " ID: " +
      record.id +
      pieces.fixed +
      match.requestPiece +
      escapeValue(record.method) +
      pieces.client
    );
  }

  #renderMatch(match: ApiMatch): void {
    const path = escapeValue(redactPath(match.path, this.#key));
    const query = match.query === undefined ? "None" : escapeUnlike(redactQuery(match.query, this.#key), "None");
    match.requestPiece = ` Path: ${path} Query: ${query} Method: `;
    match.renderedBy = this;
  }

  #render(record: ExchangeRecord): NonNullable<ExchangeRecord["connection"]["pieces"]> {
    const { connection, userAgent, authorization, runAs } = record;
    const identity = this.#identities.read(authorization, runAs, connection.tls?.clientCertificate);
    const agent = userAgent === undefined ? "-" : escapeUnlike(userAgent, "-");
    return {
      owner: this,
      fixed: ` User: ${userText(identity)}`,
      fixedShort: "",
      host: undefined,
      userAgent,
      authorization,
      runAs,
      contentType: undefined,
      accept: undefined,
      clientMeta: undefined,
      identity,
      client: ` Source: ${sourceText(connection.peerAddress)} Agent: ${agent}`,
      clientShort: "",
      mime: "",
      extras: "",
      headers: "",
      raw: "",
      responseContentType: undefined,
      responseMime: "",
    };
  }

  #body(body: BodyFacts, coding: string | undefined): string {
    switch (body.state) {
      case "none":
        return "";
      case "streaming":
        return "(streamed)";
      case "stored":
      case "not_stored":
        return `sha256:${body.sha256}`;
      case "hidden":
        return `redacted-${body.sha256}`;
      case "inline": {
        const { content } = body;
        if (content === undefined) return "";
        if (coding !== undefined && coding !== "identity") return content.toString("base64");
        const redacted = redactJsonText(content.toString("latin1"), this.#key);
        return redacted === undefined ? content.toString("base64") : Buffer.from(redacted, "latin1").toString("base64");
      }
    }
  }
}

function userText(identity: Identity): string {
  const name = identity.userName ?? identity.userId;
  return name === undefined ? "anonymous" : escapeUnlike(name, "anonymous");
}

function sourceText(address: string): string {
  const plain = address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  return plain === "" ? "-" : escapeValue(plain);
}
