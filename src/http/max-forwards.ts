/** The limit that a client sets to the number of proxies on the way of its OPTIONS. */
import { fieldId } from "../http1/field-names.ts";
import type { MessageHead } from "../http1/message-head.ts";
import { methodName } from "../http1/method-names.ts";

/** What is forwarded in place of more: many times the proxies that stand in any row. */
const most = 999_999_999;

/**
 * How many proxies an OPTIONS may still pass; at 0 this one answers (RFC 9110 §7.6.2). TRACE, for
 * which the same holds, is not allowed through this proxy.
 *
 * @returns the least number of its fields `Max-Forwards`; `undefined`: there is no such limit
 */
export function forwardsLeft(head: MessageHead): number | undefined {
  if (head.firstLine[fieldId["max-forwards"]] === -1) return undefined;
  const { bytes, base, startLine } = head;
  const method =
    startLine?.method ?? methodName(bytes, base + head.lineStart, base + head.methodEnd);
  if (method !== "OPTIONS") return undefined;
  let least: number | undefined = undefined;
  for (const value of head.fieldValues("max-forwards"))
    if (/^\d+$/.test(value)) least = Math.min(least ?? most + 1, Number(value));
  return least;
}
