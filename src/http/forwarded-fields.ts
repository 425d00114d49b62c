import { isIP } from "node:net";
import { fieldId } from "../http1/field-names.ts";
import type { MessageHead } from "../http1/message-head.ts";
import type { TrustedProxies } from "../net/trusted-proxies.ts";

/** Which forwarded fields a listener adds, and whose fields it believes. */
export interface ForwardedOptions {
  readonly fields: "none" | "x_forwarded" | "rfc7239" | "both";
  readonly trusted: TrustedProxies;
  /** Pseudonym for `Via` (RFC 9110 §7.6.3); `undefined`: none is sent. */
  readonly via: string | undefined;
}

/** The peer of a connection, as forwarded fields tell of it. */
export interface ForwardedPeer {
  readonly peerAddress: string;
  readonly localAddress: string;
  readonly localPort: number;
  readonly isTls: boolean;
}

const xForwarded = [
  fieldId["x-forwarded-for"],
  fieldId["x-forwarded-host"],
  fieldId["x-forwarded-port"],
  fieldId["x-forwarded-proto"],
];
/** Every field that claims who the client is. */
const allClaims = tableOf(fieldId.forwarded, fieldId["x-real-ip"], ...xForwarded);
/** What is written anew; the other claims of a trusted peer stay as they are. */
const rewritten = {
  x_forwarded: tableOf(...xForwarded),
  rfc7239: tableOf(fieldId.forwarded),
  both: tableOf(fieldId.forwarded, ...xForwarded),
};
/** What has no address: a unix socket (RFC 7239 §6.2). */
const unknown = "unknown";

/**
 * The forwarded fields of one client connection.
 *
 * From an untrusted peer whatever the request claims is replaced by what the connection shows; a
 * trusted proxy's `X-Forwarded-For` and `Forwarded` are continued, and its host, port and scheme
 * kept.
 */
export class ForwardedFields {
  /** Field ids left out of the request, by id. */
  readonly drop: Uint8Array;
  readonly #options: ForwardedOptions;
  readonly #peer: ForwardedPeer;
  readonly #isTrusted: boolean;
  readonly #address: string;
  readonly #node: string;

  constructor(options: ForwardedOptions, peer: ForwardedPeer) {
    const family = isIP(peer.peerAddress);
    this.#options = options;
    this.#peer = peer;
    this.#isTrusted = options.trusted.has(peer.peerAddress);
    this.#address = family === 0 ? unknown : peer.peerAddress;
    this.#node = family === 6 ? `"[${peer.peerAddress}]"` : this.#address;
    this.drop =
      this.#isTrusted && options.fields !== "none" ? rewritten[options.fields] : allClaims;
  }

  /** The field lines to add, each with its CRLF. */
  lines(head: MessageHead): string {
    const { fields } = this.#options;
    const { localPort, isTls } = this.#peer;
    const proto = isTls ? "https" : "http";
    const { host } = head;
    let lines = "";
    if (fields === "x_forwarded" || fields === "both") {
      const hops = continued(this.#believed(head, "x-forwarded-for"), this.#address);
      lines += `x-forwarded-for: ${hops}\r\n`;
      lines += `x-forwarded-proto: ${this.#believed(head, "x-forwarded-proto") || proto}\r\n`;
      const port =
        this.#believed(head, "x-forwarded-port") || (localPort === 0 ? "" : String(localPort));
      if (port !== "") lines += `x-forwarded-port: ${port}\r\n`;
      const forwardedHost = this.#believed(head, "x-forwarded-host") || host;
      if (forwardedHost !== undefined) lines += `x-forwarded-host: ${forwardedHost}\r\n`;
    }
    if (fields === "rfc7239" || fields === "both") {
      const quotedHost = host?.replace(/["\\]/g, "\\$&");
      const element =
        `for=${this.#node};proto=${proto}` +
        (quotedHost === undefined ? "" : `;host="${quotedHost}"`);
      lines += `forwarded: ${continued(this.#believed(head, "forwarded"), element)}\r\n`;
    }
    return lines;
  }

  /** What the request says, when its sender is believed. */
  #believed(head: MessageHead, name: string): string {
    return this.#isTrusted ? head.fieldValues(name).join(", ") : "";
  }
}

/** Whether the request has passed the proxy with this pseudonym before (RFC 9110 §7.6.3). */
export function hasLooped(head: MessageHead, pseudonym: string): boolean {
  if (head.firstLine[fieldId.via] === -1) return false;
  const own = pseudonym.toLowerCase();
  return head
    .fieldValues("via")
    .some((line) =>
      line.split(",").some((entry) => entry.trim().split(/\s+/)[1]?.toLowerCase() === own),
    );
}

/**
 * The address that the client is counted as: the peer's; behind a trusted proxy the last address of
 * `X-Forwarded-For` (or, where that is absent, of `Forwarded`) that is not itself a trusted proxy.
 * A hop that is no address ends the search, because a client could have written what stands in
 * front of it.
 */
export function clientAddress(
  peerAddress: string,
  forwardedFor: string | undefined,
  forwarded: string | undefined,
  trusted: TrustedProxies,
): string {
  if (!trusted.has(peerAddress)) return peerAddress;
  const isPlain = forwardedFor !== undefined && forwardedFor !== "";
  const hops = isPlain ? lastFirst(forwardedFor) : forwardedNodes(forwarded ?? "").toReversed();
  let client = peerAddress;
  for (const hop of hops) {
    const address = addressOf(hop.trim());
    if (isIP(address) === 0) return client;
    client = address;
    if (!trusted.has(address)) return client;
  }
  return client;
}

/** The elements of a list from its end on: seldom more than one of them is looked at. */
function* lastFirst(list: string): Iterable<string> {
  for (let end = list.length, comma = end; comma !== -1; end = comma) {
    comma = end === 0 ? -1 : list.lastIndexOf(",", end - 1);
    yield list.slice(comma + 1, end);
  }
}

/** The `for` of each element, in order; empty for an element without (RFC 7239 §4). */
function forwardedNodes(forwarded: string): string[] {
  if (forwarded === "") return [];
  return splitOutsideQuotes(forwarded, ",")
    .filter((element) => element.trim() !== "")
    .map((element) => {
      const pairs = splitOutsideQuotes(element, ";").map((pair) => pair.trim());
      const node = pairs.find((pair) => /^for=/i.test(pair))?.slice("for=".length) ?? "";
      return node.replace(/^"|"$/g, "");
    });
}

/** The parts between separators that stand in no quoted string; a quote without end is none. */
function splitOutsideQuotes(text: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let start = 0;
  // Behind a quote without end none can have one: a second look would cost as much again.
  let hasQuotes = true;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    } else if (hasQuotes && text[at] === '"') {
      const end = quotedEnd(text, at);
      if (end === -1) hasQuotes = false;
      else at = end;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Index of the quote that ends the string which begins at `start`; -1: there is none. */
function quotedEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '"') return at;
    if (text[at] === "\\") at += 1;
  }
  return -1;
}

/** Without port, brackets and zone, IPv4 in its own form. */
function addressOf(node: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(node) ?? [];
  return (bracketed ?? node.replace(/^([\d.]+):\d+$/, "$1"))
    .replace(/^::ffff:(?=\d+\.)/i, "")
    .replace(/%.*$/, "");
}

function continued(received: string, element: string): string {
  return received === "" ? element : `${received}, ${element}`;
}

function tableOf(...ids: number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const id of ids) table[id] = 1;
  return table;
}
