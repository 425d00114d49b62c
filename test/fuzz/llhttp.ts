import { createRequire } from "node:module";
import { METHODS } from "node:http";

// Node's own parser has no public door; `_http_common` is the one that http.Server uses itself.
// Types cover what is used.
interface NativeParser {
  initialize(kind: number, resource: object, maxHeaderBytes: number, lenientFlags: number): void;
  execute(bytes: Buffer): number | (Error & { code: string; bytesParsed: number });
  finish(): unknown;
  close(): void;
  [callback: number]: (...args: never[]) => unknown;
}

interface NativeParserConstructor {
  new (): NativeParser;
  readonly REQUEST: number;
  readonly RESPONSE: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  readonly kLenientNone: number;
}

const { HTTPParser, methods } = createRequire(import.meta.url)("_http_common") as {
  HTTPParser: NativeParserConstructor;
  methods: readonly string[];
};

/** Methods that llhttp knows; it refuses every other. */
export const knownMethods: ReadonlySet<string> = new Set([...METHODS, ...methods]);

/** One message as llhttp reads it. */
export interface LlhttpMessage {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly fields: readonly (readonly [string, string])[];
  /** latin1 */
  content: string;
  isComplete: boolean;
}

/** What llhttp makes of one direction of a connection. */
export interface LlhttpResult {
  readonly messages: readonly LlhttpMessage[];
  /** `HPE_…`, or `undefined` when nothing was refused. */
  readonly error: string | undefined;
}

/**
 * Reads bytes with llhttp in its default mode (no lenient flag). By default it is nevertheless
 * wider than RFC 9112 in some places, which is allowed here: coding lists that end in `chunked`,
 * several empty lines before a request line, folded or empty values, duplicate and missing Host
 * (http.Server checks that), any byte from 0x80 in a target, extensions of any size, HTTP/0.9 and
 * 2.0 as version numbers.
 *
 * An upgrade stops llhttp; here a fresh one goes on behind it, as for a server that ignores
 * upgrades.
 */
export function readWithLlhttp(bytes: Buffer, kind: "request" | "response"): LlhttpResult {
  const messages: LlhttpMessage[] = [];
  for (let at = 0; ;) {
    const result = run(bytes.subarray(at), kind, messages);
    if (typeof result === "string") return { messages, error: result };
    at += result;
    if (result === 0 || at >= bytes.length) return { messages, error: undefined };
  }
}

function run(
  bytes: Buffer,
  kind: "request" | "response",
  messages: LlhttpMessage[],
): number | string {
  const parser = new HTTPParser();
  const pending: string[] = [];
  let isHeadOver = false;
  let url = "";
  parser.initialize(
    kind === "request" ? HTTPParser.REQUEST : HTTPParser.RESPONSE,
    {},
    1 << 24,
    HTTPParser.kLenientNone,
  );
  // Called for every 32 fields, and for trailers: those come when the head is over.
  parser[HTTPParser.kOnHeaders | 0] = (fields: string[], part: string): void => {
    if (isHeadOver) return;
    pending.push(...fields);
    url += part;
  };
  parser[HTTPParser.kOnHeadersComplete | 0] = (
    _major: number,
    _minor: number,
    fields: string[] | undefined,
    method: number | undefined,
    part: string | undefined,
    status: number | undefined,
  ): number => {
    const flat = [...pending, ...(fields ?? [])];
    const pairs = Array.from(
      { length: flat.length / 2 },
      (_, i) => [flat[2 * i] ?? "", flat[2 * i + 1] ?? ""] as const,
    );
    const name = method === undefined ? "" : (methods[method] ?? "");
    messages.push({
      method: name,
      target: url + (part ?? ""),
      status: status ?? 0,
      fields: pairs,
      content: "",
      isComplete: false,
    });
    pending.length = 0;
    url = "";
    isHeadOver = true;
    return 0;
  };
  parser[HTTPParser.kOnBody | 0] = (bytes: Buffer): void => {
    const last = messages.at(-1);
    if (last !== undefined) last.content += bytes.toString("latin1");
  };
  parser[HTTPParser.kOnMessageComplete | 0] = (): void => {
    const last = messages.at(-1);
    if (last !== undefined) last.isComplete = true;
    isHeadOver = false;
  };
  try {
    const result = parser.execute(bytes);
    return typeof result === "number" ? result : result.code;
  } finally {
    parser.close();
  }
}
