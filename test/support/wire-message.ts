/** One field line as received: name with its case, value without the white space around it. */
export type WireField = readonly [name: string, value: string];

/**
 * A validated head, latin1 strings. Request parts are empty strings in a response and the other way
 * round.
 */
export interface WireHead {
  readonly kind: "request" | "response";
  readonly method: string;
  readonly target: string;
  /** `0` in a request. */
  readonly status: number;
  readonly reason: string;
  /** `1.0` or `1.1`. */
  readonly version: string;
  readonly fields: readonly WireField[];
  /** The bytes, with the empty line. */
  readonly raw: Buffer;
}

/** How the end of a body is known (RFC 9112 §6.3). */
export type WireFraming = "none" | "length" | "chunked" | "until-close" | "tunnel";

/** One message on a test's wire; grows while bytes arrive. */
export class WireMessage {
  readonly head: WireHead;
  readonly framing: WireFraming;
  /**
   * Whether the message has ended by its own framing. A close-delimited one is complete on FIN
   * only.
   */
  complete = false;
  /** Bytes of content received so far, without chunk framing. */
  bodyBytes = 0;
  trailers: readonly WireField[] = [];
  readonly #pieces: Buffer[] = [];

  constructor(head: WireHead, framing: WireFraming) {
    this.head = head;
    this.framing = framing;
  }

  /** Adds content; `isKept` false counts it only. For the parser. */
  append(piece: Buffer, isKept: boolean): void {
    this.bodyBytes += piece.length;
    if (isKept) this.#pieces.push(piece);
  }

  /** The content received so far; empty if bodies are only counted. */
  get body(): Buffer {
    if (this.#pieces.length > 1)
      this.#pieces.splice(0, this.#pieces.length, Buffer.concat(this.#pieces));
    return this.#pieces[0] ?? Buffer.alloc(0);
  }

  /** Every value of a field, in order; name in any case. */
  values(name: string): string[] {
    return valuesOf(this.head.fields, name);
  }

  /** The value of a field that may be there at most once; `undefined` without it. */
  value(name: string): string | undefined {
    const all = this.values(name);
    if (all.length > 1) throw new Error(`${name} is there ${all.length} times`);
    return all[0];
  }
}

/** Every value of a field in a list, in order; name in any case. */
export function valuesOf(fields: readonly WireField[], name: string): string[] {
  const wanted = name.toLowerCase();
  return fields.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
}
