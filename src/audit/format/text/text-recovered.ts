/** The last line of an exchange whose process died, in the `text` format. */
import type { SealedBody } from "../../record/sealed-body.ts";
import { exactAt, textAt, type AuditDocument } from "../audit-document.ts";
import { pointerText } from "./text-body.ts";
import { escapeUnlike, escapeValue } from "./text-escaping.ts";

/**
 * What follows the timestamp: who, what and where come from the request record.
 *
 * @param body what had passed of the request body, where it lies in a pack
 */
export function recoveredText(
  id: string,
  request: AuditDocument,
  body: SealedBody | undefined,
): string {
  const target = exactAt(request, "url.original", "target");
  const mark = target?.indexOf("?") ?? -1;
  const path = mark < 0 ? target : target?.slice(0, mark);
  const query = mark < 0 ? undefined : target?.slice(mark + 1);
  const user = exactAt(request, "user.name", "user") ?? exactAt(request, "user.id", "user_id");
  const source = textAt(request, "source.ip") ?? textAt(request, "source.address");
  const method = exactAt(request, "http.request.method", "method") ?? "";
  const agent = exactAt(request, "user_agent.original", "user_agent");
  return (
    ` ID: ${id} User: ${orWord(user, "anonymous")} Path: ${escapeValue(path ?? "")}` +
    ` Query: ${orWord(query, "None")} Method: ${escapeValue(method)}` +
    ` Source: ${orWord(source, "-")} Agent: ${orWord(agent, "-")}` +
    " Status: 0 Duration: - Size: 0 Outcome: crash_recovered" +
    (body === undefined ? "\n" : ` Request-Body: ${pointerText(body.pointer)}\n`)
  );
}

function orWord(value: string | undefined, absent: string): string {
  return value === undefined ? absent : escapeUnlike(value, absent);
}
