import * as fc from "fast-check";

/**
 * Bytes as the grammar has them, written as latin1 text; shared by the property and the fuzz tests.
 */
const tokenChars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const targetChars = "/abcXYZ019-._~!$&'()*+,;=:@?[]{}|^`\"<>";

/** Text of characters from a list. */
export function textOf(
  chars: string,
  constraints: { minLength?: number; maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...Array.from(chars)), { maxLength: 20, ...constraints })
    .map((parts) => parts.join(""));
}

/** A token (RFC 9110 §5.6.2). */
export const token = textOf(tokenChars, { minLength: 1 });

/** A legal field value without white space at its ends. */
export const fieldValue = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0x20, max: 0x7e }),
      fc.integer({ min: 0x80, max: 0xff }),
      fc.constant(9),
    ),
    {
      maxLength: 24,
    },
  )
  .map((codes) => String.fromCharCode(...codes).replace(/^[\t ]+|[\t ]+$/g, ""));

/** A field line that frames, routes and nominates nothing. */
export const plainField = fc.tuple(
  token.filter(
    (name) =>
      !/^(host|content[-_]|transfer[-_]|connection|expect|te|upgrade|keep|proxy|http2|x[-_]|es[-_]|forwarded|cookie|set|authorization)/i.test(
        name,
      ),
  ),
  fieldValue,
);

/** A target in origin-form without escapes. */
export const target = textOf(targetChars).map((text) => `/${text}`);

/** Content and how it is framed: none, by length, or in chunks. */
export const body = fc.oneof(
  fc.constant({ kind: "none" as const, chunks: [] as string[] }),
  fc.record({
    kind: fc.constant("length" as const),
    chunks: fc.array(content(), { minLength: 1, maxLength: 1 }),
  }),
  fc.record({
    kind: fc.constant("chunked" as const),
    chunks: fc.array(content(), { maxLength: 4 }),
  }),
);

/** A valid request, its bytes and what it means. */
export const request = fc
  .record({
    method: fc.oneof(
      fc.constantFrom("GET", "POST", "PUT", "DELETE", "HEAD", "get", "PURGE"),
      token.filter((name) => !/^(connect|trace)$/i.test(name)),
    ),
    target,
    before: fc.array(plainField, { maxLength: 4 }),
    after: fc.array(plainField, { maxLength: 4 }),
    body,
  })
  .map((parts) => ({ ...parts, bytes: requestBytes(parts) }));

/** Lengths of pieces in which bytes arrive. */
export const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });

function content(): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: 1, maxLength: 40 })
    .map((bytes) => Buffer.from(bytes).toString("latin1"));
}

interface RequestParts {
  readonly method: string;
  readonly target: string;
  readonly before: readonly (readonly [string, string])[];
  readonly after: readonly (readonly [string, string])[];
  readonly body: {
    readonly kind: "none" | "length" | "chunked";
    readonly chunks: readonly string[];
  };
}

function requestBytes({ method, target, before, after, body }: RequestParts): string {
  const framing = {
    none: [],
    length: [["Content-Length", String(body.chunks.join("").length)]],
    chunked: [["Transfer-Encoding", "chunked"]],
  };
  const fields = [...before, ["Host", "es.test"], ...framing[body.kind], ...after];
  const head = `${method} ${target} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  if (body.kind !== "chunked") return head + body.chunks.join("");
  return `${head}${body.chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")}0\r\n\r\n`;
}
