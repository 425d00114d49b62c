// The tests' own reading of RFC 9112, written without a look at src: a shared mistake would prove
// nothing. It is strict and slow on purpose: text and regular expressions where the proxy uses
// tables.

import type { WireField, WireHead } from "./wire-message.ts";

/** Thrown for bytes that break the grammar; `message` says which rule. */
export class WireFault extends Error {
  override readonly name = "WireFault";
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// HTAB, SP, visible ASCII and obs-text (RFC 9110 §5.5).
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const framingName = /^(content-length|transfer-encoding)$/i;
const visible = /^[\x21-\x7e]+$/;

/**
 * Parses one complete head, the empty line included.
 *
 * @throws {WireFault} for every deviation from RFC 9112 §2–§5; nothing is tolerated
 */
export function parseHead(raw: Buffer, kind: WireHead["kind"]): WireHead {
  const text = raw.toString("latin1");
  if (!text.endsWith("\r\n\r\n")) throw new WireFault("a head ends with an empty line");
  const lines = text.slice(0, -4).split("\r\n");
  const start = lines.shift() ?? "";
  const parts = kind === "request" ? requestLine(start) : statusLine(start);
  return { kind, ...parts, fields: lines.map(parseField), raw };
}

/** Parses one field line without its CRLF (RFC 9112 §5). @throws {WireFault} */
export function parseField(line: string): WireField {
  const colon = line.indexOf(":");
  if (colon < 0) throw new WireFault(`field line without colon: ${JSON.stringify(line)}`);
  const name = line.slice(0, colon);
  if (!token.test(name)) throw new WireFault(`field name is not a token: ${JSON.stringify(name)}`);
  const value = line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, "");
  // HTAB is legal white space, but recipients differ on it around a framing value, so no proxy may
  // pass it on.
  if (framingName.test(name) && /^[\t ]*\t|\t[\t ]*$/.test(line.slice(colon + 1)))
    throw new WireFault(`HTAB around the value of ${name}`);
  if (!fieldValue.test(value)) throw new WireFault(`illegal byte in the value of ${name}`);
  return [name, value];
}

/**
 * A Content-Length value (RFC 9110 §8.6). @throws {WireFault} for anything but digits, or more than
 * 2^53 − 1
 */
export function parseLength(value: string): number {
  if (!/^[0-9]+$/.test(value)) throw new WireFault(`Content-Length is ${JSON.stringify(value)}`);
  const length = Number(value);
  if (!Number.isSafeInteger(length)) throw new WireFault("Content-Length is too large");
  return length;
}

/**
 * A chunk line without its CRLF. @throws {WireFault} also for an extension: a proxy passes none on
 */
export function parseChunkLine(line: string): number {
  if (!/^[0-9A-Fa-f]{1,16}$/.test(line))
    throw new WireFault(`chunk line is ${JSON.stringify(line)}`);
  const size = Number.parseInt(line, 16);
  if (!Number.isSafeInteger(size)) throw new WireFault("chunk size is too large");
  return size;
}

function requestLine(line: string): Omit<WireHead, "kind" | "fields" | "raw"> {
  const [method = "", target = "", version = "", ...more] = line.split(" ");
  if (more.length > 0) throw new WireFault("request line of more than three parts");
  if (!token.test(method)) throw new WireFault(`method is ${JSON.stringify(method)}`);
  if (!visible.test(target)) throw new WireFault(`target is ${JSON.stringify(target)}`);
  return { method, target, version: httpVersion(version), status: 0, reason: "" };
}

function statusLine(line: string): Omit<WireHead, "kind" | "fields" | "raw"> {
  const match = /^(\S+) ([1-5][0-9][0-9]) (.*)$/s.exec(line);
  if (match === null) throw new WireFault(`status line is ${JSON.stringify(line)}`);
  const [, version = "", status = "", reason = ""] = match;
  if (!fieldValue.test(reason)) throw new WireFault("illegal byte in the reason phrase");
  return { method: "", target: "", version: httpVersion(version), status: Number(status), reason };
}

function httpVersion(text: string): string {
  if (text !== "HTTP/1.1" && text !== "HTTP/1.0")
    throw new WireFault(`version is ${JSON.stringify(text)}`);
  return text.slice(5);
}
