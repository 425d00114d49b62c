import { readFile } from "node:fs/promises";

/** What both kinds of vectors have in common. */
export interface VectorBase {
  readonly id: string;
  readonly family: string;
  readonly note: string;
  /** Section that decides; `9112 6.1` is RFC 9112 §6.1. */
  readonly rfc: string;
  /** The bytes. */
  readonly base64: string;
  /** Allowed final status codes; `0`: closed without a response. */
  readonly status?: readonly number[];
  /** Field names, lower case, that must not be in the forwarded head. */
  readonly absent?: readonly string[];
  /** Write this many bytes at a time. */
  readonly split?: number;
}

/** What a client may send, and what has to come of it. */
export interface RequestVector extends VectorBase {
  readonly expect: "accept" | "reject";
  /** Targets that the origin must see, in order. @default one, `/v/<id>` */
  readonly targets?: readonly string[];
  /** Base64 of the decoded content of each. */
  readonly bodies?: readonly string[];
  /** After the answers the connection ends; at most one further answer, 4xx or 5xx. */
  readonly tail?: "closed";
  /** Half-close after the last byte. */
  readonly fin?: boolean;
  /** Write this many bytes, wait for `100`, write the rest. */
  readonly wait100?: number;
}

/** What an upstream may answer, and what the client has to see of it. */
export interface ResponseVector extends VectorBase {
  readonly expect: "pass" | "bad_gateway" | "truncated_visible";
  readonly requestMethod: string;
  /** @default "1.1" */
  readonly requestVersion?: string;
  /** Base64 of the content that the client must get. */
  readonly body?: string;
  /** Values that a field must have in the final response, in order. */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** What the origin does 25 ms after the bytes. Without it the connection stays open. */
  readonly close?: "fin" | "rst";
  /** Base64 of bytes that the origin sends unasked 60 ms after the response. */
  readonly late?: string;
  /** The proxy must close that upstream connection. */
  readonly upstreamClosed?: boolean;
}

/** Where the proxy under test listens. */
export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Longest silence that a vector may cause: a correct proxy decides as soon as the offending byte is
 * there.
 */
export const silenceMs = 500;

/** The vectors of one direction, in file order. */
export function readRequestVectors(): Promise<RequestVector[]> {
  return read("http1-requests.json") as Promise<RequestVector[]>;
}

/** The vectors of one direction, in file order. */
export function readResponseVectors(): Promise<ResponseVector[]> {
  return read("http1-responses.json") as Promise<ResponseVector[]>;
}

/** The bytes of a vector. */
export function bytesOf(vector: VectorBase): Buffer {
  return Buffer.from(vector.base64, "base64");
}

/** One line for a failing vector. */
export function report(
  vector: RequestVector | ResponseVector,
  problems: readonly string[],
): string {
  return `${vector.id} [${vector.family}, RFC ${vector.rfc}] expects ${vector.expect}: ${vector.note}\n    saw: ${problems.join("\n         ")}`;
}

async function read(name: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(name, import.meta.url), "utf8"));
}
