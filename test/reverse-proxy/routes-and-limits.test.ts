import assert from "node:assert/strict";
import test, { after } from "node:test";
import { fieldAt } from "../support/audit-reader.ts";
import { drip, respond, responseBytes, stall } from "../support/origin-scripts.ts";
import type { OriginScript } from "../support/recording-origin.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";
import { startFixture } from "./fixture.ts";
import type { Answer } from "./fixture.ts";

let retried = 0;
const scripts: Record<string, OriginScript> = {
  "/small/length": respond({ body: "x".repeat(5000) }),
  "/small/chunked-at-once": respond({ body: "x".repeat(5000), framing: "chunked" }),
  "/small/chunked-slowly": drip(
    responseBytes({ body: "x".repeat(5000), framing: "chunked" }),
    500,
    5,
  ),
  "/small/fits": respond({ body: "x".repeat(1024) }),
  "/small/head": ({ connection }) =>
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"),
  "/quick/search": stall(),
  "/brief/_bulk": stall(),
  "/brief/search": stall(),
  "/retried/search": (exchange) =>
    respond(retried++ === 0 ? { status: 503, body: "{}" } : { body: '{"second":true}' })(exchange),
  "/plain/search": respond({ status: 503, body: "{}" }),
};

const fixture = await startFixture({
  origins: [1, 2].map((number) => ({
    onRequest: (exchange) => {
      const [path = ""] = exchange.request.head.target.split("?");
      return (scripts[path] ?? respond({ body: `{"origin":${number}}` }))(exchange);
    },
  })),
  config: ([one, two]) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    limits: {request_body: 10KiB, header_bytes: 4KiB, request_line: 1KiB, headers: 50, requests_per_connection: 3}
    routes:
      - {path: /, pool: one}
      - {path: /secret, pool: two}
      - {path: /hosted, pool: two, host: "*.example.com"}
      - {path: /posts, pool: two, methods: POST}
      - {path: /canary, pool: two, headers: {x-canary: "1"}}
      - {path: /limited, pool: one, rate_limit: {requests: 2, per: 30s}}
      - {path: /small, pool: small}
      - {path: /quick, pool: one, timeouts: {response: 300ms}}
      - {path: /brief, pool: one, timeouts: {total: 300ms}}
      - {path: /retried, pool: one, retry: {statuses: [503], attempts: 2, backoff: 1ms}}
      - {path: /plain, pool: one}
      - {path: /silent, pool: one, audit: {level: none}}
      - {path: /queue, pool: narrow}
pools:
  one: {endpoints: ["http://127.0.0.1:${one}"]}
  two: {endpoints: ["http://127.0.0.1:${two}"]}
  small: {endpoints: ["http://127.0.0.1:${one}"], limits: {response_body: 1KiB}}
  narrow: {endpoints: ["http://127.0.0.1:${two}"], limits: {connections: 1, pending: 1}, timeouts: {pending: 300ms}}
`,
});
after(() => fixture[Symbol.asyncDispose]());

async function get(
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
  body?: string,
): Promise<Answer> {
  return fixture.send({ path, headers, method, ...(body !== undefined && { body }) });
}

async function originOf(answer: Promise<Answer>): Promise<unknown> {
  return (JSON.parse((await answer).body) as { origin?: number }).origin;
}

/** The error of an answer, in Elasticsearch's shape. */
function errorOf({ body, status, headers }: Answer): string {
  const parsed = JSON.parse(body) as {
    status: number;
    error: {
      type: string;
      reason: string;
      root_cause: { type: string; reason: string }[];
      exchange_id: string;
    };
  };
  assert.equal(parsed.status, status);
  assert.match(headers["content-type"] ?? "", /^application\/json/);
  assert.deepEqual(
    parsed.error.root_cause.map(({ type, reason }) => ({ type, reason })),
    [{ type: parsed.error.type, reason: parsed.error.reason }],
  );
  assert.match(parsed.error.exchange_id, /^[0-9a-f-]{36}$/);
  return parsed.error.type.replace("es_proxy_", "");
}

/** Sends bytes and gives the first answer. */
async function raw(bytes: string): Promise<Answer> {
  using client = await fixture.client();
  client.send(bytes, bytes.slice(0, bytes.indexOf(" ")));
  const message = await client.response();
  const headers = Object.fromEntries(
    message.head.fields.map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { status: message.head.status, headers, body: message.body.toString() };
}

test("a path that can be read in one way only goes to its route as it was sent", async () => {
  for (const path of ["/secret", "/secret/x?q=%2e"]) {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.deepEqual(JSON.parse(answer.body), { origin: 2 }, path);
    assert.equal(fixture.origins[1]?.requestsFor(path).length, 1, path);
  }
  assert.equal(await originOf(get("/%3Csecret-%7Bnow%2Fd%7D%3E/_search")), 1);
});

test("a path that servers read in different ways is refused where the readings lead to different pools", async () => {
  const paths = [
    "//secret",
    "/x/../secret",
    "/%73ecret",
    "/x/..%2fsecret",
    "/secret;p",
    "/./secret?q=%2e",
  ];
  for (const path of paths) {
    const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    assert.equal(answer.status, 400, path);
    assert.match(answer.body, /ESP_ERR_TARGET_AMBIGUOUS/, path);
    for (const origin of fixture.origins) assert.equal(origin.requestsFor(path).length, 0, path);
  }
});

test("a host in an absolute target of HTTP/1.0 decides as one in Host does", async () => {
  const answer = await raw("GET http://a.example.com/hosted HTTP/1.0\r\n\r\n");
  assert.deepEqual(JSON.parse(answer.body), { origin: 2 });
});

test("an answer of the proxy itself tells HTTP/1.0 that its connection stays open", async () => {
  for (const [version, expected] of [
    ["1.0", "keep-alive"],
    ["1.1", undefined],
  ] as const) {
    const answer = await raw(
      `OPTIONS / HTTP/${version}\r\nHost: x\r\nConnection: keep-alive\r\nMax-Forwards: 0\r\n\r\n`,
    );
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["connection"], expected, version);
  }
});

test("an expectation that is named in Connection is refused: nobody would answer it", async () => {
  const answer = await raw(
    "POST /a HTTP/1.1\r\nHost: x\r\nConnection: expect\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n",
  );
  assert.equal(answer.status, 400);
});

test("host, method and header conditions decide between routes", async () => {
  assert.equal(await originOf(get("/hosted", { host: "a.example.com:9200" })), 2);
  assert.equal(await originOf(get("/hosted", { host: "example.com" })), 1);
  assert.equal(await originOf(get("/posts", {}, "POST", "{}")), 2);
  assert.equal(await originOf(get("/posts")), 1);
  assert.equal(await originOf(get("/canary", { "x-canary": "1" })), 2);
  assert.equal(await originOf(get("/canary", { "x-canary": "2" })), 1);
});

test("beyond its rate a client is told 429 and when to come again", async () => {
  const statuses = [];
  for (let i = 0; i < 2; i += 1) statuses.push((await get("/limited")).status);
  assert.deepEqual(statuses, [200, 200]);
  const refused = await get("/limited");
  assert.equal(refused.status, 429);
  assert.equal(errorOf(refused), "rate_limited");
  const seconds = Number(refused.headers["retry-after"]);
  assert.ok(seconds > 1 && seconds <= 15, `Retry-After: ${seconds}, one token comes in 15 s`);
  assert.equal((await get("/")).status, 200, "other routes have their own");
});

test("a response that is known to be too large is answered with 502 before anything of it is sent", async () => {
  for (const path of ["/small/length", "/small/chunked-at-once"]) {
    const answer = await get(path);
    assert.equal(answer.status, 502, path);
    assert.equal(errorOf(answer), "upstream_too_large");
  }
  assert.equal((await get("/small/fits")).status, 200);
  assert.equal((await get("/small/head", {}, "HEAD")).status, 200);
});

test("a response that turns out to be too large is cut visibly", async () => {
  using client = await fixture.client();
  client.send("GET /small/chunked-slowly HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  await client.closed();
  assert.equal(client.isWhole, false);
  assert.ok((client.finals[0]?.bodyBytes ?? 0) <= 1024);
});

testVariants(
  "a request beyond a limit is refused in Elasticsearch's error shape",
  {
    "body of known length": {
      bytes: `POST /l/_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n`,
      status: 413,
      type: "content_too_large",
    },
    "body that is expected": {
      bytes: `POST /l/_bulk HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 20000\r\n\r\n`,
      status: 413,
      type: "content_too_large",
    },
    "chunked body": {
      bytes: `POST /l/_bulk HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n${"x".repeat(20_000)}\r\n0\r\n\r\n`,
      status: 413,
      type: "content_too_large",
    },
    "request line": {
      bytes: `GET /${"x".repeat(2000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      status: 414,
      type: "uri_too_long",
    },
    head: {
      bytes: `GET /l HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(5000)}\r\n\r\n`,
      status: 431,
      type: "request_header_fields_too_large",
    },
    "number of fields": {
      bytes: `GET /l HTTP/1.1\r\nHost: x\r\n${"A: b\r\n".repeat(60)}\r\n`,
      status: 431,
      type: "request_header_fields_too_large",
    },
  },
  async ({ bytes, status, type }) => {
    const before = fixture.origins.map(({ requests }) => requests.length);
    const answer = await raw(bytes);
    assert.equal(answer.status, status);
    assert.equal(errorOf(answer), type);
    if (!bytes.includes("chunked"))
      assert.deepEqual(
        fixture.origins.map(({ requests }) => requests.length),
        before,
        "nothing was forwarded",
      );
  },
);

testVariants(
  "an error of our own to HEAD has a length and no body (RFC 9110 §9.3.2)",
  {
    "no valid Host": { bytes: "HEAD /l HTTP/1.1\r\nHost: a b\r\n\r\n", status: 400 },
    "a target that is not valid": { bytes: "HEAD /%0g HTTP/1.1\r\nHost: x\r\n\r\n", status: 400 },
    "a version that is not spoken": { bytes: "HEAD /l HTTP/2.0\r\nHost: x\r\n\r\n", status: 505 },
    "a request line that is too long": {
      bytes: `HEAD /${"x".repeat(2000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
      status: 414,
    },
    "a head that is too large": {
      bytes: `HEAD /l HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(5000)}\r\n\r\n`,
      status: 431,
    },
    "a route that refuses": {
      bytes: "HEAD /hosted%2f..%2fsecret HTTP/1.1\r\nHost: x\r\n\r\n",
      status: 400,
    },
  },
  async ({ bytes, status }) => {
    using client = await fixture.client();
    client.send(bytes, "HEAD");
    const { head } = await client.response();
    assert.equal(head.status, status);
    const length = head.fields.find(([name]) => name.toLowerCase() === "content-length")?.[1];
    assert.ok(Number(length) > 100, `content-length ${length}`);
    assert.equal(await client.closed(), "fin");
    const received = Buffer.concat(client.received).toString("latin1");
    assert.ok(received.endsWith("\r\n\r\n"), "nothing follows the head");
  },
);

test("a route's own time-outs are in force", async () => {
  const quick = await get("/quick/search");
  assert.equal(quick.status, 504);
  assert.equal(errorOf(quick), "upstream_timeout");
  const brief = await get("/brief/search");
  assert.equal(brief.status, 504);
  assert.equal(errorOf(brief), "timeout");
});

test("a write whose total time is over after it was sent is not answered as if it could be sent again", async () => {
  const answer = await get("/brief/_bulk", {}, "POST", "{}\n");
  assert.equal(answer.status, 500);
  assert.equal(errorOf(answer), "outcome_unknown");
});

test("a route's own statuses are retried, and elsewhere they are passed on", async () => {
  const answer = await get("/retried/search");
  assert.deepEqual([answer.status, answer.body], [200, '{"second":true}']);
  assert.equal((await get("/plain/search")).status, 503);
});

test("a connection is closed after its number of requests, and says so", async () => {
  using client = await fixture.client();
  for (let i = 1; i <= 3; i += 1) {
    client.send("GET /n HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
    const { head } = await client.response(i);
    const closes = head.fields.some(
      ([name, value]) => name.toLowerCase() === "connection" && value === "close",
    );
    assert.equal(closes, i === 3, `response ${i}`);
  }
  assert.equal(await client.closed(), "fin");
});

test("beyond the connections and the queue of a pool requests are answered with 503 and not sent", async () => {
  const release: (() => void)[] = [];
  scripts["/queue/held"] = async (exchange) => {
    await new Promise<void>((resolve) => release.push(resolve));
    await respond({ body: "{}" })(exchange);
  };
  const held = get("/queue/held");
  await waitFor("the request that holds the connection", () => release.length === 1);
  const waiting = get("/queue/waits");
  const refused = await waitFor("a full queue", async () => {
    const answer = await get("/queue/refused");
    return answer.headers["retry-after"] !== undefined ? answer : undefined;
  });
  assert.equal(refused.status, 503);
  assert.equal(errorOf(refused), "pool_busy");
  const late = await waiting;
  assert.equal(late.status, 503, "it waited as long as it may");
  for (const go of release) go();
  assert.equal((await held).status, 200);
  assert.equal((await get("/queue/after")).status, 200);
  assert.equal(fixture.origins[1]?.requestsFor("/queue/refused").length, 0);
});

test("a route without audit leaves no record, all others leave two", async () => {
  await get("/silent/x");
  await get("/loud/x");
  const records = await waitFor("the records", async () => {
    const lines = (await fixture.audit()).filter(
      ({ record }) => fieldAt(record, "url.original") === "/loud/x",
    );
    return lines.length === 2 ? await fixture.audit() : undefined;
  });
  assert.equal(
    records.some(({ record }) => fieldAt(record, "url.original") === "/silent/x"),
    false,
  );
});
