/** A secret in one place of an exchange, and how exchanges with one are made. */
import { Buffer } from "node:buffer";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

/** What the origin answers. */
export interface Answer {
  readonly status?: number;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly fields?: readonly string[];
  readonly trailers?: Readonly<Record<string, string>>;
  /** `echo`: the whole request, as text; `echo-json`: as JSON. */
  readonly body: Buffer | string;
}

/** A secret in one place of an exchange. */
export interface Placement {
  readonly name: string;
  /** Everything that the client sends. */
  readonly request: Buffer;
  readonly answer: Answer;
  /** The client leaves when so many bytes are left to be sent. */
  readonly cutBytes?: number;
  /** Stands in the record and shows that the exchange is there. */
  readonly mark: string;
}

export type Make = (canary: string) => Omit<RequestParts, "name">;

export interface RequestParts {
  readonly method?: string;
  readonly target?: string;
  readonly version?: string;
  readonly host?: string;
  readonly fields?: readonly string[];
  readonly body?: Buffer | string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly isChunked?: boolean;
  readonly cutBytes?: number;
  /** Behind the last chunk. */
  readonly trailers?: readonly string[];
  readonly answer?: Answer;
}

export const fine: Answer = { body: '{"acknowledged":true}' };

export const codings = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
} as const;

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

export function field(text: (canary: string) => string): Make {
  return (canary) => ({ fields: [text(canary)] });
}

export function target(text: (canary: string) => string): Make {
  return (canary) => ({ target: text(canary) });
}

export function settings(body: (canary: string) => unknown): Make {
  return (canary) => ({
    method: "PUT",
    target: "/_cluster/settings",
    body: JSON.stringify(body(canary)),
  });
}

export function call(method: string, path: string, body: (canary: string) => unknown): Make {
  return (canary) => ({ method, target: path, body: JSON.stringify(body(canary)) });
}

export function answered(method: string, path: string, body: (canary: string) => unknown): Make {
  return (canary) => ({
    method,
    target: path,
    answer: { body: JSON.stringify(body(canary)) },
  });
}

export function page(answer: (canary: string) => Answer, path = "/idx/_search"): Make {
  return (canary) => ({ target: path, answer: answer(canary) });
}

export const filler = Array.from({ length: 3000 }, (_, at) => ({
  id: at,
  name: `n${(at * 7919) % 10_007}`,
}));
