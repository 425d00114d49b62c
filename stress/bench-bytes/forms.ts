/** What clients send in forms that are dear to read. */
import { Buffer } from "node:buffer";

/** Bytes of one body, and of one query string. */
const bodyBytes = 1_000_000;
const queryBytes = 8000;

/** What is sent again and again. */
export interface Form {
  readonly name: string;
  /** One request; no two are the same, so that nothing is remembered. */
  readonly request: (serial: number) => Buffer;
}

function upload(
  target: string,
  body: Buffer,
  method = "POST",
  type = "application/json",
): Form["request"] {
  const head =
    `${method} ${target} HTTP/1.1\r\nHost: es\r\nContent-Type: ${type}\r\n` +
    `Content-Length: ${body.length}\r\n\r\n`;
  const whole = Buffer.concat([Buffer.from(head), body]);
  return () => whole;
}

function filled(part: (at: number) => string, open: string, close: string): Buffer {
  const parts: string[] = [];
  for (let at = 0, length = 0; length < bodyBytes; at += 1) {
    const text = part(at);
    parts.push(text);
    length += text.length + 1;
  }
  return Buffer.from(open + parts.join(",") + close);
}

function query(part: string): Form["request"] {
  const text = part.repeat(Math.floor(queryBytes / part.length));
  return (serial) =>
    Buffer.from(`GET /logs/_search?n=${serial}&${text} HTTP/1.1\r\nHost: es\r\n\r\n`);
}

/** A head of about {@link queryBytes}: `text` is repeated between `before` and `after`. */
function head(before: string, text: string, after: string): Form["request"] {
  const middle = text.repeat(Math.floor(queryBytes / text.length));
  return (serial) =>
    Buffer.from(`GET ${before}${middle}${after}?n=${serial} HTTP/1.1\r\nHost: es\r\n\r\n`);
}

/** Fields of a head; few of them long, or as many as are allowed. */
function fields(line: (at: number) => string, count: number): Form["request"] {
  const lines = Array.from({ length: count }, (_, at) => `${line(at)}\r\n`).join("");
  return (serial) =>
    Buffer.from(`GET /logs/_search?n=${serial} HTTP/1.1\r\nHost: es\r\n${lines}\r\n`);
}

/** As many names as fit into a field, no two the same. */
function names(count: number): string {
  return Array.from({ length: count }, (_, at) => `y${at}`).join(",");
}

/** A body that is nothing but fields behind it. */
function trailers(line: string): Form["request"] {
  const section = Array.from({ length: 99 }, (_, at) => `x-${at}: ${"1".repeat(70)}\r\n`).join("");
  return (serial) =>
    Buffer.from(
      `POST /logs/_doc?n=${serial} HTTP/1.1\r\nHost: es\r\nTransfer-Encoding: chunked\r\n` +
        `${line}\r\n\r\n0\r\n${section}\r\n`,
    );
}

function lines(text: string): Buffer {
  return Buffer.from(text.repeat(Math.floor(bodyBytes / text.length)));
}

/** What is sent there is looked through for secrets. */
const settings = "/_cluster/settings";
const ndjson = "application/x-ndjson";
const urlencoded = "application/x-www-form-urlencoded";
const multipart = "multipart/form-data; boundary=b";
const document = filled((at) => `{"id":${at},"name":"document ${at}","tags":["a","b"]}`, "[", "]");
const secrets = filled(() => '"password":"x"', "{", "}");
/** A body of one word, in chunks of one byte. */
function chunks(target: string, type: string): Form["request"] {
  const head =
    `POST ${target} HTTP/1.1\r\nHost: es\r\nContent-Type: ${type}\r\n` +
    "Transfer-Encoding: chunked\r\n\r\n";
  const whole = Buffer.from(`${head}${"1\r\nx\r\n".repeat(bodyBytes / 6)}0\r\n\r\n`);
  return () => whole;
}

/** What the others are compared with. */
export const plain: Form = { name: "plain uploads", request: upload("/logs/_doc", document) };
/** Each is said to cost at most ten times as much. */
export const forms: readonly Form[] = [
  { name: "chunks of one byte", request: chunks("/logs/_doc", "application/json") },
  { name: "chunks of one byte of a bulk", request: chunks("/_bulk", ndjson) },
  { name: "chunks of one byte of text", request: chunks(settings, "text/plain") },
  { name: "chunks of one byte of a form", request: chunks(settings, urlencoded) },
  { name: "chunks of one byte of YAML", request: chunks(settings, "application/yaml") },
  { name: "JSON of secrets", request: upload("/_cluster/settings", secrets, "PUT") },
  { name: "JSON of secrets in documents", request: upload("/logs/_doc", secrets) },
  { name: "queries between &", request: query("a=1&") },
  { name: "queries of & alone", request: query("&") },
  { name: "queries between ;", request: query("a=1;") },
  { name: "queries of secrets", request: query("token=x&") },
  { name: "queries of escapes", request: query("%61=%62&") },
  { name: "queries of escaped separators", request: query("%26") },
  { name: "queries of =", request: query("=") },
  { name: "queries of @", request: query("a@b&") },
  { name: "queries of URLs", request: query("a=http://b&") },
  { name: "queries of source", request: query("source={}&") },
  { name: "path segments", request: head("/a", "/a", "") },
  { name: "path of slashes", request: head("/", "/", "") },
  { name: "path of dot segments", request: head("/a", "/.", "") },
  { name: "path of escapes", request: head("/", "%61", "") },
  { name: "path of escaped slashes", request: head("/a", "%2f", "") },
  { name: "path of parameters", request: head("/a", ";a=b", "") },
  { name: "indices between commas", request: head("/a", ",a", "/_search") },
  { name: "indices of a few letters", request: head("/a", ",logs-2026", "/_search") },
  { name: "indices of a query", request: query("index=a,b,c,d,e,f,g,h&") },
  { name: "commas in an index list", request: head("/a", ",", "/_search") },
  { name: "wildcards in an index list", request: head("/a", ",*a*", "/_search") },
  {
    name: "date math in an index list",
    request: head("/a", ",%3Ca-%7Bnow%2Fd%7D%3E", "/_search"),
  },
  { name: "credentials in an index list", request: head("/a", ",.security", "/_search") },
  { name: "clusters in an index list", request: head("/a", ",b:c", "/_search") },
  { name: "exclusions in an index list", request: head("/a", ",-b", "/_search") },
  { name: "half date math in an index list", request: head("/a", ",%3C", "/_search") },
  { name: "lists of filter_path", request: query("filter_path=a,b,c&") },
  { name: "lists of routing", request: query("routing=a,b,c&") },
  { name: "cookies", request: fields(() => `Cookie: ${"a=b; ".repeat(1600)}`, 1) },
  { name: "fields of a head", request: fields((at) => `X-${at}: 1`, 190) },
  {
    name: "list elements in a field",
    request: fields(() => `Connection: ${"a,".repeat(4000)}b`, 1),
  },
  {
    name: "nominated names",
    request: fields((at) => (at < 1 ? `Connection: ${names(1500)}` : `X-${at}: 1`), 150),
  },
  { name: "nominated names beside trailers", request: trailers(`Connection: ${names(1500)}`) },
  { name: "trailers", request: trailers("X: y") },
  { name: "quotes in Forwarded", request: fields(() => `Forwarded: ${'"\\'.repeat(4000)}`, 1) },
  {
    name: "addresses in a field",
    request: fields(() => `X-Forwarded-For: ${"::1,".repeat(2000)}`, 1),
  },
  { name: "bulk lines", request: upload("/_bulk", lines('{"index":{}}\n{}\n'), "POST", ndjson) },
  { name: "empty bulk lines", request: upload("/_bulk", lines("\n"), "POST", ndjson) },
  {
    name: "bulk deletions",
    request: upload("/a/_bulk", lines('{"delete":{"_id":"1"}}\n'), "POST", ndjson),
  },
  {
    name: "indices of an msearch",
    request: upload("/_msearch", lines(`{"index":"${"a,".repeat(5000)}a"}\n{}\n`), "POST", ndjson),
  },
  { name: "msearch lines", request: upload("/_msearch", lines("{}\n{}\n"), "POST", ndjson) },
  {
    name: "mget ids",
    request: upload(
      "/a/_mget",
      filled(() => '"1"', '{"ids":[', "]}"),
    ),
  },
  { name: "nested arrays", request: upload(settings, lines("[")) },
  { name: "nested objects", request: upload(settings, lines('{"a":')) },
  { name: "nested queries", request: upload("/a/_search", lines('{"bool":{"must":[')) },
  {
    name: "terms of a query",
    request: upload(
      "/a/_search",
      filled(() => '"a"', '{"query":{"terms":{"a":[', "]}}}"),
    ),
  },
  {
    name: "clauses of a query",
    request: upload(
      "/a/_search",
      filled(() => '{"term":{"a":1}}', '{"query":{"bool":{"should":[', "]}}}"),
    ),
  },
  {
    name: "JSON in JSON",
    request: upload(
      settings,
      filled(() => JSON.stringify('{"password":"x"}'), "[", "]"),
    ),
  },
  {
    name: "encodings in JSON",
    request: upload(
      settings,
      filled(() => '"token=%"', "[", "]"),
    ),
  },
  { name: "escapes in JSON", request: upload(settings, lines('"\\u0061\\n\\u0062",')) },
  { name: "brackets in JSON", request: upload(settings, lines("[],{},")) },
  {
    name: "keys in JSON",
    request: upload(
      settings,
      filled(() => '"a":1', "{", "}"),
    ),
  },
  {
    name: "quotes in JSON",
    request: upload(
      settings,
      filled(() => '""', "[", "]"),
    ),
  },
  {
    name: "numbers in JSON",
    request: upload(
      settings,
      filled(() => "1", "[", "]"),
    ),
  },
  { name: "spaces in JSON", request: upload(settings, lines(" ")) },
  { name: "pairs of a form", request: upload(settings, lines("a=1&"), "POST", urlencoded) },
  { name: "& in a form", request: upload(settings, lines("&"), "POST", urlencoded) },
  { name: "escapes in a form", request: upload(settings, lines("%61=%62&"), "POST", urlencoded) },
  { name: "secrets in a form", request: upload(settings, lines("token=x&"), "POST", urlencoded) },
  {
    name: "hidden secrets in a form",
    request: upload(settings, lines("%3a\n@a:!password\\:*"), "POST", urlencoded),
  },
  { name: "multipart", request: upload(settings, lines("--b\r\n\r\na\r\n"), "POST", multipart) },
  {
    name: "lines of YAML",
    request: upload(settings, lines("a: 1\n"), "POST", "application/yaml"),
  },
  { name: "colons of YAML", request: upload(settings, lines(": "), "POST", "application/yaml") },
  {
    name: "secret blocks of YAML",
    request: upload(settings, lines("password: |\n  x\n"), "POST", "application/yaml"),
  },
  {
    name: "YAML beyond ASCII",
    request: upload(settings, lines("\né"), "POST", "application/yaml"),
  },
  {
    name: "encodings in YAML",
    request: upload(settings, lines("%3a=,\n"), "POST", "application/yaml"),
  },
  {
    name: "hidden secrets of YAML",
    request: upload(settings, lines("<a>&quot;\nBearer <a>=,"), "POST", "application/yaml"),
  },
  { name: "dashes of YAML", request: upload(settings, lines("- "), "POST", "application/yaml") },
  {
    name: "secrets in YAML",
    request: upload("/_cluster/settings", lines("password: x\n"), "PUT", "application/yaml"),
  },
  { name: "secrets in text", request: upload(settings, lines("token=x "), "POST", "text/plain") },
  { name: "colons of text", request: upload(settings, lines(":"), "POST", "text/plain") },
  { name: "lists in text", request: upload(settings, lines('"",'), "POST", "text/plain") },
  { name: "tags in text", request: upload(settings, lines("<a>"), "POST", "text/plain") },
  {
    name: "secrets beside backslashes",
    request: upload(settings, lines("\\\ntoken="), "POST", "text/plain"),
  },
  { name: "a word of text", request: upload(settings, lines("x"), "POST", "text/plain") },
  { name: "URLs in text", request: upload(settings, lines("a://b@"), "POST", "text/plain") },
  {
    name: "bytes of CBOR",
    request: upload(settings, Buffer.alloc(bodyBytes, 0x81), "POST", "application/cbor"),
  },
  {
    name: "bytes of SMILE",
    request: upload(settings, Buffer.alloc(bodyBytes, 0xf8), "POST", "application/smile"),
  },
  {
    name: "SQL",
    request: upload(
      "/_sql",
      filled(() => "a", '{"query":"SELECT ', ' FROM b"}'),
    ),
  },
  {
    name: "ES|QL",
    request: upload(
      "/_query",
      Buffer.from(`{"query":"FROM a ${"|LIMIT 1".repeat(bodyBytes / 8)}"}`),
    ),
  },
];
