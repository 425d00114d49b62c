import { feed, type FedMessage, type FedResult } from "../http1/wire-feed.ts";
import { WireParser } from "../support/wire-parser.ts";
import { knownMethods, readWithLlhttp } from "./llhttp.ts";

/**
 * Says where what would be forwarded of a complete message means something else to one of three
 * parsers (ours, llhttp and the tests' strict reader); `undefined` when all of them find exactly
 * one message, with this content and nothing behind it.
 */
export function forwardingProblem(
  result: FedResult,
  kind: "request" | "response",
): string | undefined {
  for (const message of result.messages) {
    // The relay takes framing fields off an interim response; the editor alone does not.
    if (!message.isComplete || (message.status > 0 && message.status < 200)) continue;
    const problem = problemOf(message, kind);
    if (problem !== undefined) return `${JSON.stringify(message.startLine)} forwarded: ${problem}`;
  }
  return undefined;
}

function problemOf(message: FedMessage, kind: "request" | "response"): string | undefined {
  const bytes = Buffer.from(asRelayed(message, kind) + message.released, "latin1");
  const reader = new WireParser({ kind });
  reader.push(bytes);
  if (reader.fault !== undefined) return `the strict reader refuses it: ${reader.fault}`;
  if (reader.messages.length !== 1 || !reader.isBetweenMessages)
    return "the strict reader finds no single message";
  if (reader.last?.body.toString("latin1") !== message.content)
    return "the strict reader finds other content";
  if (kind === "request" && reader.last.head.target !== message.target)
    return "the strict reader finds another target";
  const [again, ...more] = feed(bytes, { kind }).messages;
  if (again?.isComplete !== true || more.length > 0 || again.content !== message.content)
    return "we read it in another way";
  if (kind === "request" && !knownMethods.has(message.method)) return undefined;
  const theirs = readWithLlhttp(bytes, kind);
  if (theirs.error !== undefined) return `llhttp refuses it: ${theirs.error}`;
  const [other, ...others] = theirs.messages;
  if (other?.isComplete !== true || others.length > 0) return "llhttp finds no single message";
  return other.content === message.content ? undefined : "llhttp finds other content";
}

/**
 * What the relay does with an HTTP/1.0 request beside the editor: Host is added where it lacks,
 * Expect is ignored and taken off.
 */
function asRelayed(message: FedMessage, kind: "request" | "response"): string {
  if (kind === "response" || !message.startLine.endsWith("HTTP/1.0")) return message.written;
  const hasHost = message.fields.some(([name]) => name.toLowerCase() === "host");
  const head = message.written.replace(/\r\nexpect:[^\r]*/i, "");
  return hasHost ? head : `${head.slice(0, -2)}host: es.test\r\n\r\n`;
}
