/** JSON whose numbers keep what JavaScript numbers would lose. */

/**
 * A parser that hands the source text of each primitive to its reviver, and the marker for such
 * text; both newer than the type library.
 */
interface ExactJson {
  parse(
    text: string,
    reviver: (
      this: object,
      key: string,
      value: unknown,
      context: { readonly source?: string },
    ) => unknown,
  ): unknown;
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
}

/** A number as its JSON text. */
export interface RawNumber {
  readonly rawJSON: string;
}

// The proposal "JSON.parse source text access" is in every supported Node (24 and later), but not
// in the library of TypeScript yet.
const exactJson = JSON as unknown as ExactJson;

/** A number that `JSON.stringify` writes exactly so. */
export function rawNumber(text: string): RawNumber {
  return exactJson.rawJSON(text);
}

/** True for a number that is kept as text. */
export function isRawNumber(value: unknown): value is RawNumber {
  return exactJson.isRawJSON(value);
}

/**
 * Parses JSON so that `JSON.stringify` of the result gives every number the digits it came with:
 * `1.0` stays `1.0`, and whole numbers beyond 2^53 are not rounded. Such numbers are
 * {@link RawNumber}s in the result.
 */
export function parseExactJson(text: string): unknown {
  return exactJson.parse(text, (_key, value, context) =>
    typeof value === "number" && context.source !== undefined && String(value) !== context.source
      ? rawNumber(context.source)
      : value,
  );
}

/** Finds texts that may hold a whole number beyond 2^53; those that only look so cost some time. */
const longNumber = /\d\d{15}/;
/** Finds texts that may hold a number whose digits are not JavaScript's: `1.0`, `1.50`, `1e3`. */
const oddNumber = /\d(?:\d{15}|\.\d*0(?!\d)|[eE][+-]?\d)|-0/;
const wholeNumber = /^-?\d+$/;

/** Told of each number of a text, with what holds it. */
type OnNumber = (holder: object, key: string, value: number, source: string) => void;

/**
 * Parses JSON with whole numbers beyond 2^53 as bigints, so that they can be compared.
 *
 * @param onNumber absent: nobody asks for the others
 * @throws {SyntaxError} as `JSON.parse`
 */
export function parseWithLongs(text: string, onNumber?: OnNumber): unknown {
  if (onNumber === undefined && !longNumber.test(text)) return JSON.parse(text);
  return exactJson.parse(text, function (this: object, key, value, { source }) {
    const long = toLong(value, source);
    if (long !== undefined) return long;
    if (typeof value === "number" && source !== undefined) onNumber?.(this, key, value, source);
    return value;
  });
}

/**
 * Parses the source of a document: whole numbers beyond 2^53 become bigints, other numbers whose
 * digits JavaScript would not keep become {@link RawNumber}s.
 */
export function parseSourceText(text: string): unknown {
  if (!oddNumber.test(text)) return JSON.parse(text);
  return exactJson.parse(text, (_key, value, { source }) => {
    if (typeof value !== "number" || source === undefined) return value;
    return toLong(value, source) ?? (isPlain(value, source) ? value : rawNumber(source));
  });
}

/** True for a number that JavaScript writes in the same way, and that Java reads as it looks. */
function isPlain(value: number, source: string): boolean {
  return String(value) === source && !source.includes("e");
}

function toLong(value: unknown, source: string | undefined): bigint | undefined {
  if (typeof value !== "number" || source === undefined || Number.isSafeInteger(value))
    return undefined;
  return wholeNumber.test(source) ? BigInt(source) : undefined;
}
