import { latin1, utf8, type Match } from "./match.ts";

/** The first command of a Redis client. */
export interface RedisCommand {
  /** Upper case: `GET`, `HELLO`. */
  readonly name: string;
  /** As sent, read as UTF-8. */
  readonly args: readonly string[];
  /** Bytes of the command: the next one begins there. */
  readonly length: number;
}

/**
 * Reads a command in the form of all clients, an array of bulk strings (RESP), or in the inline
 * form of a typing human.
 */
export function redisCommand(data: Uint8Array): Match<RedisCommand> {
  if (data.length === 0) return undefined;
  return data[0] === star ? arrayCommand(data) : inlineCommand(data);
}

function arrayCommand(data: Uint8Array): Match<RedisCommand> {
  const count = numberLine(data, 1);
  if (count === undefined || count === null) return count;
  if (count.value === 0 || count.value > mostArguments) return null;
  const words: string[] = [];
  let at = count.end;
  for (let index = 0; index < count.value; index += 1) {
    if (at >= data.length) return undefined;
    if (data[at] !== dollar) return null;
    const length = numberLine(data, at + 1);
    if (length === undefined || length === null) return length;
    const end = length.end + length.value;
    if (data.length > end && data[end] !== cr) return null;
    if (data.length > end + 1 && data[end + 1] !== lf) return null;
    if (data.length < end + 2) return undefined;
    words.push(utf8(data, length.end, end));
    at = end + 2;
  }
  return toCommand(words, at);
}

function inlineCommand(data: Uint8Array): Match<RedisCommand> {
  const end = data.indexOf(lf);
  const line = latin1(data, 0, end < 0 ? data.length : end);
  if (!/^[A-Za-z][\x20-\x7e\t]*\r?$/.test(line)) return null;
  if (end < 0) return line.length > longestInline ? null : undefined;
  return toCommand(line.trim().split(/[ \t]+/), end + 1);
}

function toCommand(words: readonly string[], length: number): RedisCommand | null {
  const [name = "", ...args] = words;
  return /^[A-Za-z][\w.-]*$/.test(name) ? { name: name.toUpperCase(), args, length } : null;
}

/** Digits up to CR LF. */
function numberLine(
  data: Uint8Array,
  from: number,
): Match<{ readonly value: number; readonly end: number }> {
  let at = from;
  let value = 0;
  for (; at < data.length; at += 1) {
    const digit = (data[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    if (at - from >= 9) return null;
  }
  if (at === data.length) return undefined;
  if (at === from || data[at] !== cr) return null;
  if (data.length === at + 1) return undefined;
  return data[at + 1] === lf ? { value, end: at + 2 } : null;
}

const star = 0x2a;
const dollar = 0x24;
const cr = 13;
const lf = 10;
/** Arguments of one command; Redis 6 refuses more than 1,048,576 (`processMultibulkBuffer`). */
const mostArguments = 1_000_000;
/** Bytes of a command without RESP: the server's own bound (PROTO_INLINE_MAX_SIZE). */
const longestInline = 65_536;
