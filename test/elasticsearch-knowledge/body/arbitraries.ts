import * as fc from "fast-check";

/** JSON texts for tests of the scanners: valid ones in all their spellings, and mutated ones. */

/** Runs of a property: `FACTS_RUNS` where it is set, for long runs. */
export function runs(usual: number): number {
  return Number(process.env["FACTS_RUNS"] || usual);
}

/** Sizes of the pieces that a body is cut into; used again and again to its end. */
export const pieceSizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });

/** Cuts bytes into pieces, each in a buffer of its own with foreign bytes around it. */
export function* cut(
  bytes: Buffer,
  sizes: readonly number[],
): Generator<{ piece: Buffer; start: number; end: number }> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = Math.min(sizes[turn % sizes.length] ?? 1, bytes.length - at);
    const margin = turn % 3;
    const piece = Buffer.alloc(size + 2 * margin, '"');
    bytes.copy(piece, margin, at, at + size);
    yield { piece, start: margin, end: margin + size };
    at += size;
  }
}

const space = fc.oneof(
  { weight: 20, arbitrary: fc.constant("") },
  { weight: 4, arbitrary: fc.constantFrom(" ", "\n", "\t ", "\r\n") },
  { weight: 1, arbitrary: fc.constantFrom('/* a " } ** */', "// line\n", "/**/", "//\r") },
);

const character = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(..."abcdefghij_-. 0123{}[]:,/*".split("")) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('\\"', "\\\\", "\\/", "\\n", "\\u005f", "\\u0041", "\\ud83d\\ude00"),
  },
  { weight: 1, arbitrary: fc.constantFrom("é", "€", "😀", "\\ud83d", "\\u00e9") },
);

export const stringText = fc
  .oneof(
    { weight: 8, arbitrary: fc.array(character, { maxLength: 12 }) },
    { weight: 1, arbitrary: fc.array(character, { minLength: 25, maxLength: 80 }) },
  )
  .map((parts) => `"${parts.join("")}"`);

const scalarText = fc.oneof(
  stringText,
  fc.constantFrom("0", "-1", "1.5e10", "123456789", "true", "false", "null"),
);

function memberText(...[a, key, b, c, value, d]: string[]): string {
  return `${a}${key}${b}:${c}${value}${d}`;
}

export const jsonText = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalarText,
    fc
      .tuple(fc.array(fc.tuple(space, tie("value"), space), { maxLength: 5 }), space)
      .map(([elements, inner]) => `[${elements.map((e) => e.join("")).join(",") || inner}]`),
    fc
      .tuple(
        fc.array(fc.tuple(space, stringText, space, space, tie("value"), space), { maxLength: 5 }),
        space,
      )
      .map(
        ([members, inner]) =>
          `{${members.map((parts) => memberText(...parts)).join(",") || inner}}`,
      ),
  ),
})).value;

export const wholeText = fc
  .tuple(fc.constantFrom("", "", "", "\ufeff", " "), jsonText, space)
  .map((parts) => Buffer.from(parts.join("")));

/** What a mutation does: where (a share of the length), what, and with which bytes. */
const mutation = fc.tuple(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom("replace", "insert", "delete", "truncate", "repeat"),
  fc.oneof(
    fc.constantFrom(...'"\\{}[]:,/*tfn0-\n \0'.split("").map((char) => char.charCodeAt(0))),
    fc.integer({ min: 0, max: 255 }),
  ),
);

/** The bytes of `base` with some of them changed. */
export function mutated(base: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(base, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([bytes, mutations]) => mutations.reduce(applied, bytes));
}

function applied(bytes: Buffer, [share, what, byte]: [number, string, number]): Buffer {
  const at = Math.min(Math.floor(share * bytes.length), Math.max(0, bytes.length - 1));
  const before = bytes.subarray(0, at);
  switch (what) {
    case "truncate":
      return Buffer.from(before);
    case "delete":
      return Buffer.concat([before, bytes.subarray(at + 1)]);
    case "insert":
      return Buffer.concat([before, Buffer.of(byte), bytes.subarray(at)]);
    case "repeat":
      return Buffer.concat([before, bytes.subarray(at, at + 8), bytes.subarray(at)]);
    default:
      return Buffer.concat([before, Buffer.of(byte), bytes.subarray(at + 1)]);
  }
}
