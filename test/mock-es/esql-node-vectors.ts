/** Rows of constants as a node of Elasticsearch 8.19 with ES|QL answered them. */
import type { Vector } from "./esql-vectors.ts";

const several = "java.lang.IllegalArgumentException: single-value function encountered multi-value";

function nullOf(place: string, text: string): readonly string[] {
  return [
    `Line ${place}: evaluation of [${text}] failed, treating result as null. Only first 20 failures recorded.`,
    `Line ${place}: ${several}`,
  ];
}

export const nodeVectors: readonly Vector[] = [
  [
    'row a = mv_percentile([1, 5, 9, 30], 40), b = mv_median_absolute_deviation([1, 2, 7]), c = mv_pseries_weighted_sum([70.0, 45.0, 21.0, 21.0, 21.0], 1.5), d = scalb(3.0, 4), e = round_to(7, 1, 5, 10), f = to_ul("1e3")',
    "a:integer b:integer c:double d:double e:integer f:unsigned_long",
    [5, 1, 94.45465156212452, 48, 5, 1000],
  ],
  [
    'row a = 5 in (1, 5), b = from_base64("YQ"), c = st_x(to_geopoint("POINT(4.5 -3)")), d = round(st_distance(to_geopoint("POINT(1 2)"), to_geopoint("POINT(1 3)"))), e = cidr_match(to_ip("1.2.3.4"), "1.2.3.4"), f = date_extract("nano_of_day", "1970-01-01T00:00:01.5Z"::date)',
    "a:boolean b:keyword c:double d:double e:boolean f:long",
    [true, "a", 4.5, 111195, true, 1500000000],
  ],
  [
    'row a = ["x y", "1 2", "z"] | dissect a "%{p} %{q}"',
    "a:keyword p:keyword q:keyword",
    [
      ["x y", "1 2", "z"],
      ["x", "1"],
      ["y", "2"],
    ],
  ],
  [
    'row a = "12 x" | grok a "%{NUMBER:n:int} (?<w>[a-z])"',
    "a:keyword n:integer w:keyword",
    ["12 x", 12, "x"],
  ],
  ['row a = "x y" | grok a "%{WORD:p} %{WORD:p}"', "a:keyword p:keyword", ["x y", ["x", "y"]]],
  [
    'row a = "a b" | dissect a "%{p} %{q->} %{r}"',
    "a:keyword p:keyword q:keyword r:keyword",
    ["a b", null, null, null],
  ],
  ['row a = "a  b" | dissect a "%{p} %{q}"', "a:keyword p:keyword q:keyword", ["a  b", "a", ""]],
  [
    "row a = [1, 2] | eval b = 1 in (3, a), c = 4 in (a, null), d = a in (1)",
    "a:integer b:boolean c:boolean d:boolean",
    [[1, 2], null, null, null],
    [
      ...nullOf("1:27", "1 in (3, a)"),
      ...nullOf("1:44", "4 in (a, null)"),
      ...nullOf("1:64", "a in (1)"),
    ],
  ],
  [
    'row v = ["1.2.3", "1.2.03", "1.10.0", "1.2.3-a"] | eval v = mv_sort(to_version(v))',
    "v:version",
    [["1.2.3-a", "1.2.3", "1.10.0", "1.2.03"]],
  ],
  [
    'row n = to_date_nanos("2023-10-23T13:55:01.543123456Z") | eval a = date_format(n), b = date_format("strict_date_optional_time_nanos", n) | drop n',
    "a:keyword b:keyword",
    ["2023-10-23T13:55:01.543Z", "2023-10-23T13:55:01.543123456Z"],
  ],
  [
    "row a = 1 | where false | stats m = max(5), s = sum(5), c = count(5), d = count_distinct(5)",
    "m:integer s:long c:long d:long",
    [5, 0, 0, 1],
  ],
  ["row a = [0.0, -0.0] | stats v = mv_count(values(a))", "v:integer", [2]],
  [
    "row a = [1, 2], b = [1, 3] | eval c = mv_union(a, b), d = mv_intersection(a, b), e = mv_difference(a, b), f = mv_contains(a, [1]), g = mv_intersects(a, 7) | drop a, b",
    "c:integer d:integer e:integer f:boolean g:boolean",
    [[1, 2, 3], 1, 2, true, false],
  ],
  [
    "row a = to_unsigned_long(1.2345678901234567e19)::string, b = to_ul(9223372036854775807.0)::string",
    "a:keyword b:keyword",
    ["12345678901234567000", "9223372036854776000"],
  ],
  [
    "row a = round(10000000000000000004, 1)::string, b = round(7::unsigned_long, -1), c = round(9223372036854775807::unsigned_long, 0)::string",
    "a:keyword b:unsigned_long c:keyword",
    ["10000000000000000004", 0, "9223372036854775807"],
  ],
  [
    "row a = round(18446744073709551615, 0)",
    "a:unsigned_long",
    [null],
    [
      "Line 1:9: evaluation of [round(18446744073709551615, 0)] failed, treating result as null. Only first 20 failures recorded.",
      "Line 1:9: java.lang.ArithmeticException: Negative exponent",
    ],
  ],
  ['row a = ["x", "y"] | eval b = mv_concat(a, a)', "a:keyword b:keyword", [["x", "y"], null]],
  ['row a = replace("🙂🙂", "(?<=🙂)", "-")', "a:keyword", ["🙂-🙂-"]],
];

/** What ends a query, by the query. */
export const nodeRefusals: Readonly<Record<string, string>> = {
  'row a = "1.5" | grok a "%{NUMBER:n:int}"':
    '400 number_format_exception: For input string: "1.5"',
  "row a = mv_slice([1, 2, 3], 1, -1)":
    "400 invalid_argument_exception: Start offset is greater than end offset",
  'row a = repeat("x", -1)':
    "400 illegal_argument_exception: Number parameter cannot be negative, found [-1]",
  'row a = substring("x", 1, -2)':
    "400 illegal_argument_exception: Length parameter cannot be negative, found [-2]",
  'row a = split("a,b", ", ")':
    "400 invalid_argument_exception: delimiter must be single byte for now",
  'row a = from_base64("a")':
    "400 illegal_argument_exception: Input byte[] should at least have 2 bytes for base64 bytes",
  'row a = from_base64("YW=")':
    "400 illegal_argument_exception: Input byte array has wrong 4-byte ending unit",
};
