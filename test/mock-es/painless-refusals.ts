/**
 * Scripts, and what a server refuses of each, and where. Recorded from OpenSearch 3.9,
 * whose Painless is of the same lineage and can be had from a package registry.
 */

/** What a script runs into. */
interface Refusal {
  readonly at: number;
  readonly type: string;
  readonly reason: string;
}

/** Scripts with what they run into. */
export const refusals: readonly (readonly [script: string, refusal: Refusal])[] = [
  [
    "Function f = x -> x + 1; return f.apply(3)",
    {
      at: 15,
      type: "illegal_argument_exception",
      reason: "unexpected token ['->'] was expecting one of [{<EOF>, ';'}].",
    },
  ],
  [
    "// comment",
    {
      at: 10,
      type: "illegal_argument_exception",
      reason:
        "invalid function definition: found no statements for function [execute] with [0] parameters",
    },
  ],
  [
    "1_000",
    {
      at: 1,
      type: "illegal_argument_exception",
      reason: "unexpected token ['_000'] was expecting one of [{<EOF>, ';'}].",
    },
  ],
  [
    "def l = [1]; l.get(5)",
    { at: 14, type: "index_out_of_bounds_exception", reason: "Index 5 out of bounds for length 1" },
  ],
  ["x + 1", { at: 0, type: "illegal_argument_exception", reason: "cannot resolve symbol [x]" }],
  [
    "def x = 1; return y",
    { at: 18, type: "illegal_argument_exception", reason: "cannot resolve symbol [y]" },
  ],
  [
    "undefinedx",
    { at: 0, type: "illegal_argument_exception", reason: "cannot resolve symbol [undefinedx]" },
  ],
  ["1/0", { at: 0, type: "arithmetic_exception", reason: "/ by zero" }],
  ["def d = 0; 1/d", { at: 11, type: "arithmetic_exception", reason: "/ by zero" }],
  ["def d = 0L; return 5 / d", { at: 19, type: "arithmetic_exception", reason: "/ by zero" }],
  [
    'int y = "a"; return y',
    {
      at: 8,
      type: "class_cast_exception",
      reason: "Cannot cast from [java.lang.String] to [int].",
    },
  ],
  [
    "int y = 3.5; return y",
    { at: 8, type: "class_cast_exception", reason: "Cannot cast from [double] to [int]." },
  ],
  [
    'def x = "a"; int y = x; return y',
    {
      at: 21,
      type: "class_cast_exception",
      reason: "cannot implicitly cast def [java.lang.String] to int",
    },
  ],
  [
    "boolean b = 1; return b",
    { at: 12, type: "class_cast_exception", reason: "Cannot cast from [int] to [boolean]." },
  ],
  [
    "if (1) { return 2 }",
    { at: 4, type: "class_cast_exception", reason: "Cannot cast from [int] to [boolean]." },
  ],
  [
    "def x = 1; if (x) { return 2 } return 1",
    { at: 15, type: "class_cast_exception", reason: "cannot cast def [int] to boolean" },
  ],
  [
    'throw new IllegalArgumentException("boo")',
    { at: 6, type: "illegal_argument_exception", reason: "boo" },
  ],
  ['throw new RuntimeException("boo")', { at: 6, type: "runtime_exception", reason: "boo" }],
  [
    'return "abc".substring(5)',
    {
      at: 12,
      type: "string_index_out_of_bounds_exception",
      reason: "Range [5, 3) out of bounds for length 3",
    },
  ],
  [
    "def f = params.m.y; return f - 1",
    {
      at: 27,
      type: "class_cast_exception",
      reason: "Cannot apply [-] operation to types [java.lang.String] and [java.lang.Integer].",
    },
  ],
  [
    "return params.m - 1",
    {
      at: 13,
      type: "class_cast_exception",
      reason: "Cannot apply [-] operation to types [java.util.HashMap] and [java.lang.Integer].",
    },
  ],
  [
    '"a" * 2',
    {
      at: 0,
      type: "class_cast_exception",
      reason: "Cannot cast from [java.lang.String] to [int].",
    },
  ],
  [
    '"a" > "b"',
    {
      at: 0,
      type: "class_cast_exception",
      reason:
        "cannot apply the greater than operator [>] to the types [java.lang.String] and [java.lang.String]",
    },
  ],
  [
    'def x = "a"; x > 1',
    {
      at: 13,
      type: "class_cast_exception",
      reason: "Cannot apply [>] operation to types [java.lang.String] and [java.lang.Integer].",
    },
  ],
  [
    "def x = ; return 1",
    { at: 8, type: "illegal_argument_exception", reason: "invalid sequence of tokens near [';']." },
  ],
  [
    "return 1 +",
    { at: 10, type: "illegal_argument_exception", reason: "unexpected end of script." },
  ],
  [
    "if (true { return 1 }",
    {
      at: 9,
      type: "illegal_argument_exception",
      reason: "unexpected token ['{'] was expecting one of [')'].",
    },
  ],
  ["foo(", { at: 4, type: "illegal_argument_exception", reason: "unexpected end of script." }],
  [
    "def x = 1 def y = 2",
    {
      at: 10,
      type: "illegal_argument_exception",
      reason: "unexpected token ['def'] was expecting one of [{<EOF>, ';'}].",
    },
  ],
  [
    "params.a[0",
    { at: 10, type: "illegal_argument_exception", reason: "unexpected end of script." },
  ],
  ["'abc", { at: 0, type: "illegal_argument_exception", reason: "unexpected character ['abc]." }],
  [
    "1 = 2",
    {
      at: 0,
      type: "illegal_argument_exception",
      reason: "invalid assignment: cannot assign a value to numeric constant [1]",
    },
  ],
];
