/** The answer to a client that asks for the addresses of nodes: judged, or rewritten. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { ConnectionFacts, ExchangeRecord } from "../audit/record/exchange-record.ts";
import { codingsOf, withoutCodings } from "../elasticsearch/body/content-coding.ts";
import { nodeAddresses, withAddress } from "../elasticsearch/sniff/node-addresses.ts";
import type { NodeAddress } from "../elasticsearch/sniff/node-addresses.ts";
import { placesOf } from "../elasticsearch/sniff/publish-address.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import { fieldId } from "../http1/field-names.ts";
import type { MessageHead } from "../http1/message-head.ts";
import { ownPlaces, publishedForm } from "./own-places.ts";
import type { SniffPolicy } from "./sniff-policy.ts";

/**
 * Bytes of an answer as received, and decoded. `_nodes/http` takes some 600 bytes a node, `_nodes`
 * some 30,000; longer answers count as unreadable.
 */
const maxBytes = 4_194_304;
const maxDecodedBytes = 16_777_216;

/** What is known of the request. */
export interface SniffingRequest {
  readonly facts: ConnectionFacts;
  /** Address of the client, as far as it is known from somebody who is believed. */
  readonly client: string;
  readonly userAgent: string;
  /** `Host` as received. */
  readonly host: string | undefined;
  /** Is told what was done. */
  readonly record: ExchangeRecord | undefined;
}

/**
 * Collects the answer of one request for addresses of nodes. Where the policy is `rewrite`, nothing
 * of the answer may go to the client before {@link rewritten} has made another one of it.
 */
export class SniffedAnswer {
  readonly #policy: SniffPolicy;
  readonly #request: SniffingRequest;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #coding: string | undefined = undefined;
  #isWanted = false;

  constructor(policy: SniffPolicy, request: SniffingRequest) {
    this.#policy = policy;
    this.#request = request;
  }

  /** The answer is longer than can be rewritten. */
  get isTooLong(): boolean {
    return this.#bytes > maxBytes;
  }

  /** @returns true: the request must be refused */
  block(): boolean {
    if (this.#policy.mode !== "block") return false;
    this.#note({ action: "blocked" });
    this.#policy.blocked();
    return true;
  }

  /**
   * The final response has begun to arrive. @returns true: it must be kept back for {@link
   * rewritten}
   */
  begin(head: MessageHead, isHead: boolean): boolean {
    this.#pieces.length = 0;
    this.#bytes = 0;
    this.#coding = head.fieldValue(fieldId["content-encoding"]);
    const isSuccess = head.status >= 200 && head.status < 300;
    const isRewriting = this.#policy.mode === "rewrite";
    this.#isWanted = isSuccess && !isHead;
    return isSuccess && isRewriting;
  }

  /** Keeps a copy of the content of a piece. */
  add({ bytes, data, dataCount }: BodyPiece): void {
    if (!this.#isWanted) return;
    for (let i = 0; i < dataCount; i += 2) {
      const content = bytes.subarray(data[i], data[i + 1]);
      this.#bytes += content.length;
      if (this.isTooLong) this.#pieces.length = 0;
      else this.#pieces.push(Buffer.from(content));
    }
  }

  /** The whole answer goes to the client as it is: counts it where it tells foreign addresses. */
  passed(): void {
    if (!this.#isWanted) return;
    const addresses = this.#read()?.addresses;
    const foreign = addresses?.find((address) => this.#isForeign(address));
    if (addresses !== undefined && foreign === undefined) return;
    this.#note({ action: "passed" });
    this.#policy.passed(this.#request, foreign?.address ?? "");
  }

  /**
   * The body with the proxy's address in place of those of nodes, without content coding;
   * undefined: it could not be read.
   */
  rewritten(): Buffer | undefined {
    if (!this.#isWanted) return none;
    const read = this.#read();
    if (read === undefined) return undefined;
    const { address } = this.#policy;
    const { host, facts } = this.#request;
    const body = withAddress(read.json, read.addresses, publishedForm(address ?? host, facts));
    const sha256 = createHash("sha256");
    for (const piece of this.#pieces) sha256.update(piece);
    this.#note({ action: "rewritten", bytes: this.#bytes, sha256: sha256.digest("hex") });
    this.#policy.rewritten();
    return body;
  }

  #note(facts: ExchangeRecord["sniff"]): void {
    if (this.#request.record !== undefined) this.#request.record.sniff = facts;
  }

  #read(): { readonly json: Buffer; readonly addresses: readonly NodeAddress[] } | undefined {
    const codings = codingsOf(this.#coding);
    if (codings === undefined || this.isTooLong) return undefined;
    const json = withoutCodings(Buffer.concat(this.#pieces), codings, maxDecodedBytes);
    const addresses = json && nodeAddresses(json);
    return json === undefined || addresses === undefined ? undefined : { json, addresses };
  }

  #isForeign({ isPublished, address }: NodeAddress): boolean {
    if (!isPublished) return false;
    const own = ownPlaces(this.#policy.address, this.#request.host, this.#request.facts);
    return !placesOf(address).some(({ host, port }) =>
      own.some((place) => place.host === host && place.port === port),
    );
  }
}

const none = Buffer.alloc(0);
