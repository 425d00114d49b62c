/** A query of one row: its columns as `name:type`, its values, and its warnings. */
export type Vector = readonly [
  query: string,
  columns: string,
  values: readonly unknown[],
  warnings?: readonly string[],
];

function failed(place: string, text: string, ...problems: readonly string[]): readonly string[] {
  return [
    `Line ${place}: evaluation of [${text}] failed, treating result as null. Only first 20 failures recorded.`,
    ...problems.map((problem) => `Line ${place}: ${problem}`),
  ];
}

const several = "java.lang.IllegalArgumentException: single-value function encountered multi-value";

/** Rows of constants: facts of Elasticsearch 9. */
export const esqlVectors: readonly Vector[] = [
  [
    "row a = 1 + 2 * 3, b = 7 / 2, c = 7 % 4, d = 7 / 2.0",
    "a:integer b:integer c:integer d:double",
    [7, 3, 3, 3.5],
  ],
  [
    "row a = 2147483647, b = 2147483648, c = 1e3",
    "a:integer b:long c:double",
    [2147483647, 2147483648, 1000],
  ],
  [
    "row a = 9223372036854775807 | eval b = a + 1 | keep b",
    "b:long",
    [null],
    failed("1:40", "a + 1", "java.lang.ArithmeticException: long overflow"),
  ],
  [
    "row d = [0.0, -0.0] | mv_expand d | stats c = count(*) by d | stats groups = count(*)",
    "groups:long",
    [2],
  ],
  ["row d = [-0.0, 0.0, 0.0] | stats c = count(*) by d | stats n = count(*)", "n:long", [2]],
  [
    "row d = -0.0 | eval a = d in (0.0, 1.0), b = d in (0.0) | keep a, b",
    "a:boolean b:boolean",
    [false, true],
  ],
  ["row d = [-0.4, 0.0] | mv_expand d | stats n = count_distinct(to_integer(d))", "n:long", [1]],
  [
    'row i = 1 | stats a = min(to_ip("10.0.0.1")) where i > 1, b = min("x") where i > 1',
    "a:ip b:keyword",
    [null, "x"],
  ],
  ["row i = 1 | eval b = null and i > 5, c = i > 5 and false | keep c", "c:boolean", [false]],
  [
    "row a = 5 | eval b = a % 0 | keep b",
    "b:integer",
    [null],
    failed("1:22", "a %25 0", "java.lang.ArithmeticException: / by zero"),
  ],
  [
    "row a = [1, 2] | eval b = a + 1",
    "a:integer b:integer",
    [[1, 2], null],
    failed("1:27", "a + 1", several),
  ],
  [
    "row x = 1 | eval a = -x, b = --x * -+-+-1 * -3, c = -(-(-(-x)))",
    "x:integer a:integer b:integer c:integer",
    [1, -1, 3, 1],
  ],
  [
    "row t = true, n = null | eval a = t and n, b = t or n, c = not n, d = n == 1",
    "t:boolean n:null a:boolean b:boolean c:boolean d:boolean",
    [true, null, null, true, null, null],
  ],
  [
    "row a = 1 in (2, null), b = 1 in (1, null), c = 3 not in (1, 2)",
    "a:boolean b:boolean c:boolean",
    [null, true, true],
  ],
  [
    'row a = "2023-01-31"::date | eval b = a + 1 month, c = a - 36 hours | drop a',
    "b:date c:date",
    ["2023-02-28T00:00:00.000Z", "2023-01-29T12:00:00.000Z"],
  ],
  [
    'row d = to_datetime("1985-07-09T01:02:03.004Z") | eval w = date_trunc(1 week, d), q = date_trunc(1 quarter, d), h = date_trunc(240 hours, d) | drop d',
    "w:date q:date h:date",
    ["1985-07-08T00:00:00.000Z", "1985-07-01T00:00:00.000Z", "1985-07-01T00:00:00.000Z"],
  ],
  [
    "row a = round(2.5), b = round(-2.5), c = round(123.456, 2), d = round(1250, -2), e = round(7)",
    "a:double b:double c:double d:integer e:integer",
    [3, -3, 123.46, 1300, 7],
  ],
  [
    'row a = substring("Elastic", -3), b = left("añb", 2), c = locate("hello", "ll"), d = length("añ😀")',
    "a:keyword b:keyword c:integer d:integer",
    ["tic", "añ", 3, 3],
  ],
  [
    'row a = to_integer("2147483646.6"), b = to_long(true), c = to_double("5.20128E11")',
    "a:integer b:long c:double",
    [2147483647, 1, 520128000000],
  ],
  [
    'row a = to_integer("foo")',
    "a:integer",
    [null],
    failed(
      "1:9",
      String.raw`to_integer(\"foo\")`,
      "org.elasticsearch.xpack.esql.core.InvalidArgumentException: Cannot parse number [foo]",
    ),
  ],
  [
    'row a = [3, 1, 2, 3] | eval b = mv_sum(a), c = mv_avg(a), d = mv_median(a), e = mv_sort(a, "desc"), f = mv_dedupe(a)',
    "a:integer b:integer c:double d:integer e:integer f:integer",
    [[3, 1, 2, 3], 9, 2.25, 2, [3, 3, 2, 1], [3, 1, 2]],
  ],
  [
    'row a = case(false, 1, true, 2, 3), b = coalesce(null, "x"), c = greatest(1, 3, 2), d = least("b", "a")',
    "a:integer b:keyword c:integer d:keyword",
    [2, "x", 3, "a"],
  ],
  [
    'row ip = "10.1.2.3"::ip | eval a = cidr_match(ip, "10.0.0.0/8"), b = ip == "10.1.2.3", c = ip_prefix(ip, 16, 0)',
    "ip:ip a:boolean b:boolean c:ip",
    ["10.1.2.3", true, true, "10.1.0.0"],
  ],
  [
    'row a = "1.10.0"::version | eval b = a > "1.9.9", c = a::string',
    "a:version b:boolean c:keyword",
    ["1.10.0", true, "1.10.0"],
  ],
  [
    'row a = date_diff("month", "2023-01-31"::date, "2023-03-30"::date), b = date_diff("hours", "2023-01-01"::date, "2023-01-02"::date)',
    "a:integer b:integer",
    [1, 24],
  ],
  [
    'row a = concat("a", "b", "c"), b = split("x;y", ";"), c = replace("foo bar", "o+", "0"), d = mv_concat(["p", "q"], "-")',
    "a:keyword b:keyword c:keyword d:keyword",
    ["abc", ["x", "y"], "f0 bar", "p-q"],
  ],
  [
    'row a = md5("hello"), b = to_base64("hi"), c = reverse("abc"), d = to_upper("straße")',
    "a:keyword b:keyword c:keyword d:keyword",
    ["5d41402abc4b2a76b9719d911017c592", "aGk=", "cba", "STRASSE"],
  ],
  [
    "row a = case([true, false], 1, 2)",
    "a:integer",
    [2],
    [
      "Line 1:14: evaluation of [[true, false]] failed, treating result as false. Only first 20 failures recorded.",
      "Line 1:14: java.lang.IllegalArgumentException: CASE expects a single-valued boolean",
    ],
  ],
  [
    'row a = "1.2.3.4"::version < "1.11.0", b = "bad"::version > "9", c = "5.2.9-S"::version < "5.2.9"',
    "a:boolean b:boolean c:boolean",
    [true, true, true],
  ],
  [
    "row d = to_degrees([1, 3]), r = to_radians(270), u = to_ul(123.4), t = to_datetime([501379200, 520128000])",
    "d:double r:double u:unsigned_long t:date",
    [
      [57.29577951308232, 171.88733853924697],
      4.71238898038469,
      123,
      ["1970-01-06T19:16:19.200Z", "1970-01-07T00:28:48.000Z"],
    ],
  ],
  [
    "row l = log(10, 1000000000000), m = log(100), p = pow(3, 0.5), s = sinh(2), a = atan2(2, 12)",
    "l:double m:double p:double s:double a:double",
    [12, 4.605170185988092, 1.7320508075688772, 3.626860407847019, 0.16514867741462683],
  ],
  [
    String.raw`row a = trim("\t x  "), y = date_extract("day_of_year", to_datetime(-62135596800000)), r = round(-2.5), n = round(149, -2), l = locate("añ😀b", "b", -2)`,
    "a:keyword y:long r:double n:integer l:integer",
    ["x \u00a0", 1, -3, 100, 4],
  ],
];
