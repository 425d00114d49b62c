/**
 * A parser that hands the source text of each primitive to its reviver, and the marker for such
 * text; both newer than the type library.
 */
interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
}

// The proposal "JSON.parse source text access" is in every supported Node (24 and later), but not
// in the library of TypeScript yet.
const exactJson = JSON as unknown as ExactJson;

/**
 * Parses JSON so that `JSON.stringify` of the result gives every number the digits it came with:
 * `1.0` stays `1.0`, and whole numbers beyond 2^53 are not rounded. Such numbers are opaque objects
 * in the result; see {@link isExactNumber}.
 */
export function parseExactJson(text: string): unknown {
  return exactJson.parse(text, (_key, value, context) =>
    typeof value === "number" && context.source !== undefined && String(value) !== context.source
      ? exactJson.rawJSON(context.source)
      : value,
  );
}

/** True for a number that {@link parseExactJson} keeps as text. */
export function isExactNumber(value: unknown): boolean {
  return exactJson.isRawJSON(value);
}
