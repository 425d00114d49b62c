/** Exchanges with secrets, and what may be stored of them. */
import { Buffer } from "node:buffer";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Redactor, type AskedBody } from "../../../src/audit/redact/redactor.ts";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { key, redact, type Call, type Redacted } from "./support.ts";

export const secret = "C4n4ryS3cr3tZZ";
export const json = (value: unknown): string => JSON.stringify(value);
export const documents = json({ docs: [{ _source: { password: secret } }] });
export const rows = json({ rows: [[secret]], values: [[secret]] });

export const nothing: AskedBody = { namesCredentials: false, secrets: undefined };

export interface Exchange {
  readonly method?: string;
  readonly target: string;
  readonly body?: string | Buffer;
  readonly type?: string;
  readonly coding?: string;
  readonly answer?: string | Buffer;
  readonly answerType?: string;
  readonly answerCoding?: string;
  readonly answerStatus?: number;
}

export function stored(
  redactor: Redactor,
  call: Call,
  body: string | Buffer,
  asked: AskedBody,
  cuts: readonly number[] = [],
): Redacted {
  const { method = "POST", target, direction = "request" } = call;
  const found = redactor.body(
    matchApiEndpoint(method, target),
    direction,
    call.contentType,
    call.contentEncoding,
    call.status ?? 0,
    asked,
  );
  if (found !== undefined) return redact(found, body, cuts);
  const bytes = Buffer.from(body);
  return { state: "none", removed: 0, hmac: "", bytes, text: bytes.toString() };
}

/** What may be stored of both bodies. */
export function recorded(exchange: Exchange, redactor = new Redactor(key)): [Redacted, Redacted] {
  const { method = "POST", target, body = "", type = "application/json" } = exchange;
  const call = { method, target, contentType: type, contentEncoding: exchange.coding };
  const request = stored(redactor, call, body, nothing);
  const answer: Call = {
    method,
    target,
    direction: "response",
    contentType: exchange.answerType ?? "application/json",
    contentEncoding: exchange.answerCoding,
    status: exchange.answerStatus ?? 200,
  };
  const { namesCredentials = false, secrets } = request;
  return [
    request,
    stored(redactor, answer, exchange.answer ?? "{}", { namesCredentials, secrets }),
  ];
}

/** Everything that somebody could read out of stored bytes. */
function readable(bytes: Buffer): string {
  const texts = [bytes.toString("latin1"), bytes.toString("latin1").replaceAll("\0", "")];
  for (const decode of [gunzipSync, brotliDecompressSync])
    try {
      texts.push(decode(bytes, { finishFlush: 2 }).toString("latin1"));
    } catch {
      // In another coding.
    }
  return texts.join("\n");
}

export function leaks(exchanges: Readonly<Record<string, Exchange>>): string[] {
  return Object.entries(exchanges)
    .filter(([, exchange]) =>
      recorded(exchange).some(({ bytes }) => readable(bytes).includes(secret)),
    )
    .map(([name]) => name);
}

export function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

export function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
