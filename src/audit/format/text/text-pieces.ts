/** The parts of text lines that many records share, rendered once and kept. */
import { isIP } from "node:net";

import { GenerationCache } from "../../../core/generation-cache.ts";
import { matchApiEndpoint, type ApiMatch } from "../../../elasticsearch/api/api-endpoint.ts";
import type { Identity, IdentityReader } from "../../../elasticsearch/identity/identity.ts";
import type { ExchangeRecord } from "../../record/exchange-record.ts";
import type { Redactor } from "../../redact/redactor.ts";
import { pieceOf } from "../line-batch.ts";
import { escapeUnlike, escapeValue } from "./text-escaping.ts";

/** Targets whose parts are kept: twice as many, of about 1 KiB each. */
const keptMatches = 1024;

/** What depends on the target. */
class MatchPieces {
  readonly owner: TextPieces;
  readonly target: Uint8Array;

  constructor(owner: TextPieces, target: Uint8Array) {
    this.owner = owner;
    this.target = target;
  }
}

/**
 * What depends on the connection and on header fields that its requests repeat; valid while their
 * values are the ones that it was rendered from.
 */
class ConnectionPieces {
  readonly owner: TextPieces;
  readonly userAgent: string | undefined;
  readonly authorization: string | undefined;
  readonly runAs: string | undefined;
  readonly identity: Identity;
  readonly user: Uint8Array;
  readonly client: Uint8Array;

  constructor(owner: TextPieces, record: ExchangeRecord, identity: Identity, agent: string) {
    this.owner = owner;
    this.userAgent = record.userAgent;
    this.authorization = record.authorization;
    this.runAs = record.runAs;
    this.identity = identity;
    this.user = pieceOf(` User: ${userText(identity)}`);
    this.client = pieceOf(` Source: ${sourceText(record.connection.peerAddress)} Agent: ${agent}`);
  }

  isOf(record: ExchangeRecord): boolean {
    return (
      this.userAgent === record.userAgent &&
      this.authorization === record.authorization &&
      this.runAs === record.runAs
    );
  }
}

/** Renders and keeps the shared parts for one encoder. */
export class TextPieces {
  readonly #identities: IdentityReader;
  readonly #redactor: Redactor;
  readonly #matches = new GenerationCache<ApiMatch, MatchPieces>(keptMatches);
  readonly #render = (match: ApiMatch): MatchPieces => this.#renderMatch(match);

  constructor(identities: IdentityReader, redactor: Redactor) {
    this.#identities = identities;
    this.#redactor = redactor;
  }

  /** Looked up for the request record; the response record finds it in the exchange's slot. */
  match(record: ExchangeRecord): MatchPieces {
    const { rendered } = record;
    if (rendered instanceof MatchPieces && rendered.owner === this) return rendered;
    const match = (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
    const pieces = this.#matches.getOrMake(match, this.#render);
    record.rendered = pieces;
    return pieces;
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

  #renderMatch(match: ApiMatch): MatchPieces {
    const { path, query } = this.#redactor.target(match);
    const parameters = query === undefined ? "None" : escapeUnlike(query, "None");
    return new MatchPieces(
      this,
      pieceOf(` Path: ${escapeValue(path)} Query: ${parameters} Method: `),
    );
  }

  #renderConnection(record: ExchangeRecord): ConnectionPieces {
    const { connection, authorization, runAs } = record;
    const userAgent = this.#redactor.text(record.userAgent);
    const identity = this.#redactor.identity(
      this.#identities.read(authorization, runAs, connection.tls?.clientCertificate),
    );
    const agent = userAgent === undefined ? "-" : escapeUnlike(userAgent, "-");
    return new ConnectionPieces(this, record, identity, agent);
  }
}

function userText(identity: Identity): string {
  const name = identity.userName ?? identity.userId;
  return name === undefined ? "anonymous" : escapeUnlike(name, "anonymous");
}

function sourceText(address: string): string {
  const plain =
    address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  return plain === "" ? "-" : escapeValue(plain);
}
