/** The grammar of the exchange lines of the `text` format. */
import { unescapeValue } from "./text-escaping.ts";

/**
 * An exchange line, its values as they were before escaping (latin1, one char per byte).
 */
export interface TextLine {
  readonly kind: "request" | "response";
  /** `YYYY-MM-DD HH:MM:SS.nnnnnnnnn`, UTC */
  readonly timestamp: string;
  readonly id: string;
  /** undefined: anonymous */
  readonly user: string | undefined;
  readonly path: string;
  /** undefined: the target had no `?` */
  readonly query: string | undefined;
  readonly method: string;
  readonly source: string;
  readonly agent: string | undefined;
  /**
   * As written: base64, `pack:NAME,offset:16,stored:1234,size:56789,sha256:HEX` (of earlier
   * versions `sha256:HEX`), `sha256:HEX,size:1234,not-stored`, `redacted-HEX`, `(streamed)` or
   * empty, and what the redaction did. Of a response line: its `Request-Body`.
   */
  readonly body: string | undefined;
  readonly status: number | undefined;
  readonly durationSeconds: number | undefined;
  readonly size: number | undefined;
  readonly outcome: string | undefined;
}

// No value holds `: `, so each key can stand at its own place only; the pattern needs no look at
// the values.
const head =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9}) ID: ([0-9a-f-]{36}) User: (.*?) Path: (.*?) Query: (.*?) Method: (.*?) Source: (.*?) Agent: (.*)$/;
const responseEnd =
  /^(.*) Status: (\d+) Duration: (\d+\.\d{3}s|-) Size: (\d+)(?: Outcome: (\w+))?(?: Request-Body: (\S*))?$/;
const requestEnd = /^(.*) Body: (\S*)$/;

/** Reads a line of an exchange; undefined for anything else. */
export function parseTextLine(line: string): TextLine | undefined {
  const parts = head.exec(line);
  if (parts === null) return undefined;
  const [
    ,
    timestamp = "",
    id = "",
    user = "",
    path = "",
    query = "",
    method = "",
    source = "",
    rest = "",
  ] = parts;
  const response = responseEnd.exec(rest);
  const request = response === null ? requestEnd.exec(rest) : null;
  if (response === null && request === null) return undefined;
  const agent = response?.[1] ?? request?.[1] ?? "";
  return {
    kind: response === null ? "request" : "response",
    timestamp,
    id,
    user: valueUnless(user, "anonymous"),
    path: unescapeValue(path),
    query: valueUnless(query, "None"),
    method: unescapeValue(method),
    source: unescapeValue(source),
    agent: valueUnless(agent, "-"),
    body: response === null ? request?.[2] : response[6],
    status: response === null ? undefined : Number(response[2]),
    durationSeconds: response === null ? undefined : durationSeconds(response[3], response[5]),
    size: response === null ? undefined : Number(response[4]),
    outcome: response === null ? undefined : (response[5] ?? "completed"),
  };
}

/**
 * The value of `Duration`; undefined for `-`. Of an exchange whose process died nobody knows it:
 * earlier versions wrote 0.
 */
export function durationSeconds(written = "-", outcome?: string): number | undefined {
  if (written === "-" || outcome === "crash_recovered") return undefined;
  return Number(written.slice(0, -1));
}

/** A value, or undefined where the line has the word that stands for none. */
export function valueUnless(text: string, absent: string): string | undefined {
  return text === absent ? undefined : unescapeValue(text);
}
