/** What ES|QL can compute, as templates: `result = TEXT({type}, …)`. */

const numeric = ["int", "long", "dbl", "ul"];
const any = ["bool", ...numeric, "str", "date", "nanos", "ip", "ver"];

/** Types of values. */
export const valueTypes: readonly string[] = any;

const text = (values: string): string[] => values.split(" ").map((value) => JSON.stringify(value));

/** Smallest expressions, by type. */
export const leaves: Readonly<Record<string, readonly string[]>> = {
  bool: ["b1", "bm", "true", "false"],
  int: "i1 im sh 0 1 2 3 -1 5 10 100 2147483647".split(" "),
  long: "l1 lm 3000000000 9223372036854775807 0::long -5::long".split(" "),
  ul: ["ul", "18446744073709551615", "TO_UL(5)"],
  dbl: "d1 dm f1 0.0 1.5 2.5 -0.5 1e10 1e300 0.1 3.0".split(" "),
  str: [..."k1 km kk t1 tm tm.raw".split(" "), '""', '" "', ...text("a b foo bar Hello , o ß")],
  date: ["a1", "am", '"2020-01-01"::datetime', 'TO_DATETIME("2023-10-23T13:55:01.543Z")'],
  nanos: ["n1", "nm", 'TO_DATE_NANOS("2023-10-23T13:55:01.543123456Z")'],
  ip: ["p1", "pm", 'TO_IP("10.0.0.1")'],
  ver: ["v1", "vm", 'TO_VERSION("1.2.3")'],
  geo: ["g1", 'TO_GEOPOINT("POINT(3 4)")'],
  per: ["1 day", "2 days", "1 month", "3 months", "1 year", "1 week", "1 quarter"],
  dur: ["1 hour", "30 minutes", "15 seconds", "1 millisecond", "36 hours"],
  unit: text("day month year week quarter hour minutes second ms dd yyyy nanosecond weekday"),
  chrono: text("year month_of_year day_of_week aligned_week_of_year epoch_day nano_of_second era"),
  fmt: text("yyyy-MM-dd yyyy HH:mm dd/MM/yyyy epoch_millis YYYY-ww yyyy-MM-dd'T'HH:mm:ss.SSSZ"),
  re: text("a o+ [a-z] . (\\w)(\\w) ^. b|c \\. x*"),
  rep: ['""', '"X"', '"--"'],
  cidr: text("10.0.0.0/8 127.0.0.0/8 ::/64 192.168.0.0/16 fe80::/10 0.0.0.0/0"),
  small: "0 1 2 3 5 -1 -2 10".split(" "),
  pct: "0 50 90 100 25".split(" "),
};

const ofNumbers = numeric.flatMap((t) => [
  ...["ABS", "CEIL", "FLOOR", "ROUND", "MV_SUM", "MV_MEDIAN"].map((f) => `${t} = ${f}({${t}})`),
  `${t} = ROUND({${t}}, {small})`,
  ...(
    "ACOS ASIN ATAN CBRT COS COSH EXP LOG LOG10 SIGNUM SIN SINH SQRT TAN TANH TO_DEGREES " +
    "TO_RADIANS MV_AVG TO_DOUBLE"
  )
    .split(" ")
    .map((f) => `dbl = ${f}({${t}})`),
  ...["+", "-", "*", "/", "%"].map((operator) => `${t} = ({${t}} ${operator} {${t}})`),
  `dbl = ATAN2({${t}}, {${t}})`,
  `dbl = HYPOT({${t}}, {dbl})`,
  `dbl = POW({${t}}, {small})`,
  `dbl = LOG({${t}}, {${t}})`,
  `int = TO_INTEGER({${t}})`,
  `long = TO_LONG({${t}})`,
  `ul = TO_UNSIGNED_LONG({${t}})`,
  `bool = TO_BOOLEAN({${t}})`,
  `${t} = MV_MEDIAN_ABSOLUTE_DEVIATION({${t}})`,
  ...(t === "ul"
    ? []
    : [
        `${t} = -({${t}})`,
        `date = TO_DATETIME({${t}})`,
        `${t} = MV_PERCENTILE({${t}}, {pct})`,
        `dbl = SCALB({dbl}, {small})`,
        `${t} = ROUND_TO({${t}}, 0, 5, 10)`,
      ]),
]);

const ofAny = any.flatMap((t) => [
  `str = TO_STRING({${t}})`,
  `str = {${t}}::string`,
  `${t} = COALESCE({${t}}, {${t}})`,
  `${t} = CASE({bool}, {${t}}, {${t}})`,
  `${t} = CASE({bool}, {${t}}, {bool}, {${t}}, {${t}})`,
  `${t} = CASE({bool}, {${t}})`,
  `int = MV_COUNT({${t}})`,
  ...["DEDUPE", "FIRST", "LAST", "MIN", "MAX", "SORT"].map((f) => `${t} = MV_${f}({${t}})`),
  `${t} = MV_APPEND({${t}}, {${t}})`,
  `${t} = MV_SLICE({${t}}, {small}, {small})`,
  `${t} = MV_SORT({${t}}, "desc")`,
  ...(t === "ul" ? [] : [`${t} = GREATEST({${t}}, {${t}})`, `${t} = LEAST({${t}}, {${t}})`]),
  ...(t === "bool" ? ["==", "!="] : ["==", "!=", "<", "<=", ">", ">="]).map(
    (operator) => `bool = ({${t}} ${operator} {${t}})`,
  ),
  `bool = {${t}} IN ({${t}}, {${t}})`,
  `bool = {${t}} NOT IN ({${t}}, {${t}})`,
  `bool = {${t}} IS NULL`,
  `bool = {${t}} IS NOT NULL`,
]);

const ofTexts = [
  ...["TRIM", "LTRIM", "RTRIM", "TO_LOWER", "TO_UPPER", "REVERSE", "TO_BASE64", "MD5", "SHA1"].map(
    (f) => `str = ${f}({str})`,
  ),
  ...["LENGTH", "BIT_LENGTH", "BYTE_LENGTH"].map((f) => `int = ${f}({str})`),
  ...["TO_LONG", "TO_DATETIME", "TO_IP", "TO_VERSION"].map((f, at) => {
    return `${["long", "date", "ip", "ver"][at]} = ${f}({str})`;
  }),
  "str = CONCAT({str}, {str}, {str})",
  "str = LEFT({str}, {small})",
  "str = RIGHT({str}, {small})",
  "str = SUBSTRING({str}, {small})",
  "str = SUBSTRING({str}, {small}, {small})",
  "int = LOCATE({str}, {str})",
  "int = LOCATE({str}, {str}, {small})",
  "str = REPEAT({str}, {small})",
  "str = SPLIT({str}, {str})",
  "str = REPLACE({str}, {re}, {rep})",
  "bool = STARTS_WITH({str}, {str})",
  "bool = ENDS_WITH({str}, {str})",
  "str = MV_CONCAT({str}, {str})",
  "str = MV_ZIP({str}, {str}, {str})",
  'bool = {str} LIKE "*a*"',
  'bool = {str} NOT LIKE "H*o*"',
  'bool = {str} RLIKE "[a-z]+.*"',
  "str = FROM_BASE64({str})",
  "geo = TO_GEOPOINT({str})",
];

const ofDates = ["date", "nanos"].flatMap((t) => [
  `${t} = DATE_TRUNC({per}, {${t}})`,
  `${t} = DATE_TRUNC({dur}, {${t}})`,
  `${t} = ({${t}} + {per})`,
  `${t} = ({${t}} - {dur})`,
  `long = DATE_EXTRACT({chrono}, {${t}})`,
  `str = DATE_FORMAT({${t}})`,
  `str = DATE_FORMAT({fmt}, {${t}})`,
  `int = DATE_DIFF({unit}, {${t}}, {${t}})`,
]);

/** All templates. */
export const templates: readonly string[] = [
  ...ofNumbers,
  ...ofAny,
  ...ofTexts,
  ...ofDates,
  "long = ({int} + {long})",
  "dbl = ({int} * {dbl})",
  "bool = ({int} < {dbl})",
  "bool = ({date} >= {nanos})",
  "bool = ({bool} AND {bool})",
  "bool = ({bool} OR {bool})",
  "bool = NOT ({bool})",
  "date = DATE_PARSE({fmt}, {str})",
  "bool = CIDR_MATCH({ip}, {cidr}, {cidr})",
  "ip = IP_PREFIX({ip}, 24, 64)",
  "ip = IP_PREFIX({ip}, {small}, {small})",
  "dbl = ST_X({geo})",
  "dbl = ST_Y({geo})",
];
