import { errorTable } from "../../src/core/errors.ts";
import type { FedMessage, FedResult } from "../http1/wire-feed.ts";
import { knownMethods, type LlhttpMessage, type LlhttpResult } from "./llhttp.ts";

/**
 * Where we may take what llhttp refuses, with the reason. Everything else that differs must be
 * stricter on our side.
 */
export const allowedDisagreements = {
  method:
    "llhttp knows a fixed list of methods; RFC 9110 §9.1 makes the method a case-sensitive " +
    "token, and a transparent proxy passes unknown ones on",
  earlier:
    "requests that were complete before a later fault are answered (RFC 9112 §9.3.2); both " +
    "parsers report them, so only what follows differs",
  closing:
    "bytes behind a message that ends the connection are ignored (RFC 9112 §9.6); llhttp " +
    "calls them HPE_CLOSED_CONNECTION",
  interimClose:
    "an interim response is followed by the final one whatever its fields say (RFC 9110 " +
    "§15.2); llhttp ends the connection behind an interim response in HTTP/1.0 or with " +
    "Connection: close",
  interimBody:
    "an interim response ends at its empty line whatever its fields say (RFC 9112 §6.3, " +
    "first rule); llhttp reads a body by Content-Length or chunked behind some of them",
} as const;

/**
 * Says where `ours` takes something that llhttp refuses or reads in another way; `undefined` when
 * it does not.
 */
export function laxness(ours: FedResult, theirs: LlhttpResult): string | undefined {
  for (const [index, message] of ours.messages.entries()) {
    // From an unknown method on there is no second opinion (allowedDisagreements.method).
    if (message.method !== "" && !knownMethods.has(message.method)) return undefined;
    const other = theirs.messages[index];
    const previous = ours.messages[index - 1];
    // allowedDisagreements.interimClose: no second opinion from here on.
    if (other === undefined && isInterim(previous) && theirs.error === "HPE_CLOSED_CONNECTION")
      return undefined;
    const where = `message ${index + 1} (${JSON.stringify(message.startLine)})`;
    if (other === undefined) return `${where} is refused by llhttp: ${theirs.error ?? "waiting"}`;
    // allowedDisagreements.interimBody: the heads must agree, behind them there is no second
    // opinion.
    if (isInterim(message) && hasFramingField(message)) return compareHeads(message, other);
    const problem = compare(message, other);
    if (problem !== undefined)
      return `${where}: ${problem} (llhttp ended with ${theirs.error ?? "no error"})`;
  }
  return undefined;
}

/**
 * Whether we wait inside a head although llhttp has refused it. Waiting is no acceptance (values
 * are judged when their line has ended, and two framing fields when the head has), but then the end
 * of the head has to bring the verdict: `finished` is our reading of the same bytes with an empty
 * line behind them.
 */
export function waitsInVain(ours: FedResult, finished: FedResult, theirs: LlhttpResult): boolean {
  if (ours.end !== "inside" || ours.messages.some((message) => !message.isComplete)) return false;
  if (theirs.error === undefined || theirs.messages.length > ours.messages.length) return false;
  if (ours.messages.some((message) => isInterim(message) && hasFramingField(message))) return false;
  if (theirs.error === "HPE_CLOSED_CONNECTION" && isInterim(ours.messages.at(-1))) return false;
  return theirs.error !== "HPE_INVALID_METHOD" && !(finished.end in errorTable);
}

function isInterim(message: FedMessage | undefined): boolean {
  return message !== undefined && message.status >= 100 && message.status < 200;
}

function hasFramingField(message: FedMessage): boolean {
  return message.fields.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
}

function compare(ours: FedMessage, theirs: LlhttpMessage): string | undefined {
  const problem = compareHeads(ours, theirs);
  if (problem !== undefined) return problem;
  if (ours.isComplete && !theirs.isComplete) return "complete to us, not to llhttp";
  const isSame = ours.isComplete
    ? ours.content === theirs.content
    : theirs.content.startsWith(ours.content);
  return isSame
    ? undefined
    : `content ${JSON.stringify(ours.content)} is ${JSON.stringify(theirs.content)} to llhttp`;
}

function compareHeads(ours: FedMessage, theirs: LlhttpMessage): string | undefined {
  if (ours.method !== theirs.method) return `method ${ours.method} is ${theirs.method} to llhttp`;
  if (ours.status !== theirs.status) return `status ${ours.status} is ${theirs.status} to llhttp`;
  if (ours.target !== originForm(theirs.target, theirs.method))
    return `target ${ours.target} is ${theirs.target} to llhttp`;
  if (JSON.stringify(ours.fields) !== JSON.stringify(theirs.fields))
    return `fields ${JSON.stringify(ours.fields)} are ${JSON.stringify(theirs.fields)} to llhttp`;
  return undefined;
}

/** What a proxy forwards for an absolute-form target (RFC 9112 §3.2.2). */
function originForm(target: string, method: string | undefined): string {
  const match = /^https?:\/\/[^/?]*(.*)$/is.exec(target);
  if (match === null) return target;
  const rest = match[1] ?? "";
  if (rest === "" && method === "OPTIONS") return "*";
  return rest.startsWith("/") ? rest : `/${rest}`;
}
