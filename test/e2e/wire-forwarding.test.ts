import assert from "node:assert/strict";
import test, { after } from "node:test";
import { respond, respondRaw, responseBytes } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";

const pair = await startProxiedOrigin();
const { origin } = pair;
after(() => pair[Symbol.asyncDispose]());

/** The request that reached the origin with this target; exactly one must have. */
function seen(target: string) {
  const requests = origin.requestsFor(target);
  assert.equal(requests.length, 1, `${target} reached the origin ${requests.length} times`);
  const [request] = requests;
  assert.ok(request !== undefined);
  return request;
}

test("relays the origin's 100 before the client sends the body it announced", async () => {
  pair.whenHead("/expect", respondRaw("HTTP/1.1 100 Continue\r\n\r\n"));
  using client = await pair.client();
  client.send(
    "POST /expect HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "POST",
  );
  await client.until("100", () => client.interims.length === 1);
  assert.equal(client.interims[0]?.head.status, 100);
  assert.equal(seen("/expect").complete, false);
  client.send("hello");
  assert.equal((await client.response()).head.status, 200);
  assert.equal(seen("/expect").body.toString(), "hello");
  assert.equal(client.interims.length, 1);
});

test("passes a final answer to an expectation on and closes, because the body may or may not follow", async () => {
  pair.whenHead("/refused", respond({ status: 413, body: "{}" }));
  using client = await pair.client();
  client.send(
    "POST /refused HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    "POST",
  );
  assert.equal((await client.response()).head.status, 413);
  client.halfClose();
  await client.closed();
  assert.equal(client.finals.length, 1);
});

test("relays interim responses in order and keeps their fields out of the final head", async () => {
  const early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n";
  pair.when("/interim", respondRaw(early + responseBytes({ body: "done" }).toString()));
  using client = await pair.client();
  client.send("GET /interim HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  const answer = await client.response();
  assert.deepEqual(
    client.interims.map((one) => one.head.status),
    [103, 102],
  );
  assert.deepEqual(client.interims[0]?.values("link"), ["</a>"]);
  assert.deepEqual(answer.values("link"), []);
  assert.equal(answer.body.toString(), "done");
});

test("takes framing fields off an interim response, because some clients would read a body behind it", async () => {
  const odd = "HTTP/1.1 103 Early Hints\r\nContent-Length: 17\r\nX-Kept: 1\r\n\r\n";
  pair.when("/framed-interim", respondRaw(odd + responseBytes({ body: "done" }).toString()));
  using client = await pair.client();
  client.send("GET /framed-interim HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await client.response()).body.toString(), "done");
  assert.deepEqual(client.interims[0]?.head.fields, [["X-Kept", "1"]]);
});

test("keeps trailers out of the head, in both directions", async () => {
  pair.when(
    "/trailers",
    respondRaw(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: abc\r\n\r\n",
    ),
  );
  using client = await pair.client();
  client.send(
    "POST /trailers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: " +
      "chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Check: def\r\n\r\n",
    "POST",
  );
  const answer = await client.response();
  assert.equal(answer.body.toString(), "hi");
  assert.deepEqual(answer.values("x-sum"), []);
  for (const [, value] of answer.trailers) assert.equal(value, "abc");
  assert.equal(seen("/trailers").body.toString(), "hello");
  assert.deepEqual(seen("/trailers").values("x-check"), []);
});

test("answers HEAD without a body and keeps the upstream connection", async () => {
  const opened = origin.connections.length;
  using client = await pair.client();
  for (let i = 0; i < 5; i += 1) {
    client.send(`HEAD /head-${i} HTTP/1.1\r\nHost: x\r\n\r\n`, "HEAD");
    const answer = await client.response(i + 1);
    assert.equal(answer.value("content-length"), "11");
    assert.equal(answer.bodyBytes, 0);
  }
  assert.ok(origin.connections.length <= opened + 1, "HEAD costs connections");
});

for (const [status, fields, bodyless] of [
  [204, [], true],
  [
    304,
    [
      ["ETag", '"a"'],
      ["Content-Length", "5"],
    ],
    true,
  ],
  [404, [], false],
] as const)
  test(`passes ${status} on and goes on with the connection`, async () => {
    pair.when(
      `/status-${status}`,
      respond({
        status,
        fields,
        body: bodyless ? "" : "{}",
        framing: bodyless ? "none" : "length",
      }),
    );
    using client = await pair.client();
    client.send(
      `GET /status-${status} HTTP/1.1\r\nHost: x\r\n\r\nGET /status-after-${status} HTTP/1.1\r\nHost: x\r\n\r\n`,
      "GET",
      "GET",
    );
    assert.equal((await client.response(2)).body.toString(), '{"ok":true}');
    assert.equal(client.finals[0]?.head.status, status);
    assert.equal(client.finals[0]?.bodyBytes, bodyless ? 0 : 2);
    if (status === 304) assert.equal(client.finals[0]?.value("content-length"), "5");
  });

for (const method of ["GET", "DELETE", "HEAD", "OPTIONS"])
  for (const framing of [
    "Content-Length: 5\r\n\r\nhello",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  ])
    test(`forwards the body of ${method} (${framing.slice(0, 14)})`, async () => {
      const target = `/body-${method}-${framing.slice(0, 1)}`;
      using client = await pair.client();
      client.send(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${framing}`, method);
      assert.equal((await client.response()).head.status, 200);
      assert.equal(seen(target).body.toString(), "hello");
      assert.equal(seen(target).head.method, method);
    });

test("counts Max-Forwards of OPTIONS down and answers itself at 0 (RFC 9110 §7.6.2)", async () => {
  const ask = async (name: string, fields: string) => {
    using client = await pair.client();
    const [method = "", target = ""] = name.split(" ");
    client.send(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`, method);
    return await client.response();
  };
  for (const [given, passed] of [
    ["Max-Forwards: 5\r\n", ["4"]],
    ["max-forwards: 010\r\n", ["9"]],
    ["Max-Forwards: 99999999999999999999\r\n", ["999999999"]],
    ["Max-Forwards: -1\r\n", ["-1"]],
    ["Max-Forwards: 1\r\nMax-Forwards: 7\r\n", ["0"]],
    ["", []],
  ] as const) {
    const target = `/options?${encodeURIComponent(given)}`;
    assert.equal((await ask(`OPTIONS ${target}`, given)).head.status, 200);
    assert.deepEqual(seen(target).values("max-forwards"), passed, given);
  }
  assert.equal((await ask("GET /get-forwards", "Max-Forwards: 0\r\n")).head.status, 200);
  assert.deepEqual(seen("/get-forwards").values("max-forwards"), ["0"]);
  for (const fields of ["Max-Forwards: 0\r\n", "Max-Forwards: 3\r\nMax-Forwards: 00\r\n"]) {
    const answer = await ask("OPTIONS /last-hop", fields);
    assert.equal(answer.head.status, 200);
    assert.match(answer.value("allow") ?? "", /GET, HEAD/);
    assert.equal(answer.body.length, 0);
  }
  assert.equal(origin.requestsFor("/last-hop").length, 0);
  const lines = await pair.audit("/last-hop");
  assert.equal(lines.length, 4, "each has its pair of records");
});

test("speaks HTTP/1.1 upstream for an HTTP/1.0 client, de-chunks its answer, sends no interim response, and closes", async () => {
  pair.when(
    "/old",
    respondRaw(
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: " +
        "chunked\r\n\r\n2\r\nhi\r\n3\r\n ho\r\n0\r\n\r\n",
    ),
  );
  using client = await pair.client();
  client.send("GET /old HTTP/1.0\r\n\r\n", "GET");
  assert.equal(await client.closed(), "fin");
  assert.equal(client.interims.length, 0);
  const [answer] = client.finals;
  assert.equal(answer?.body.toString(), "hi ho");
  assert.deepEqual(answer?.values("transfer-encoding"), []);
  assert.equal(seen("/old").head.version, "1.1");
  assert.equal(seen("/old").values("host").length, 1);
});

test("ignores the expectation of an HTTP/1.0 client and does not make it one of HTTP/1.1", async () => {
  using client = await pair.client();
  client.send(
    "POST /old-expect HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    "POST",
  );
  assert.equal(await client.closed(), "fin");
  assert.deepEqual(
    client.messages.map((message) => message.head.status),
    [200],
  );
  assert.deepEqual(seen("/old-expect").values("expect"), []);
});

for (const field of [
  "Content-Length:\t5",
  "Content-Length: 5\t",
  "Transfer-Encoding:\tchunked",
  "Transfer-Encoding: chunked \t",
]) {
  const content = field.startsWith("C") ? "hello" : "5\r\nhello\r\n0\r\n\r\n";

  test(`refuses ${JSON.stringify(field)} in a request or forwards it without the HTAB`, async () => {
    const target = `/tab-request-${encodeURIComponent(field)}`;
    using client = await pair.client();
    client.send(`POST ${target} HTTP/1.1\r\nHost: x\r\n${field}\r\n\r\n${content}`, "POST");
    assert.match(String((await client.response()).head.status), /^(200|400)$/);
    assert.deepEqual(origin.wireFaults, []);
  });

  test(`answers 502 to ${JSON.stringify(field)} in a response or forwards it without the HTAB`, async () => {
    const target = `/tab-response-${encodeURIComponent(field)}`;
    pair.when(target, respondRaw(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n${content}`));
    using client = await pair.client();
    client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET");
    await client.until(
      "an answer",
      () => client.fault !== undefined || client.finals[0]?.complete === true,
    );
    assert.equal(client.fault, undefined);
  });
}

test("answers pipelined requests in their order although later ones would be ready first", async () => {
  const first = Promise.withResolvers<void>();
  pair.when("/pipe-0", async (exchange) => {
    await first.promise;
    await respond({ body: "0" })(exchange);
  });
  for (const i of [1, 2, 3]) pair.when(`/pipe-${i}`, respond({ body: String(i) }));
  using client = await pair.client();
  const requests = [0, 1, 2, 3].map((i) => `GET /pipe-${i} HTTP/1.1\r\nHost: x\r\n\r\n`);
  client.send(requests.join(""), "GET", "GET", "GET", "GET");
  await origin.until("the first request", () => origin.requestsFor("/pipe-0").length === 1);
  assert.equal(client.finals.length, 0);
  first.resolve();
  await client.response(4);
  assert.deepEqual(
    client.finals.map((one) => one.body.toString()),
    ["0", "1", "2", "3"],
  );
});

test("forwards fields, their case, order and repetition, unchanged in both directions", async () => {
  const fields = [
    ["x-UPPER", "a"],
    ["Warning", '299 - "one"'],
    ["X-b", " inner  space "],
    ["Warning", '299 - "two"'],
    ["X-High", "caf\xe9"],
    ["X-Empty", ""],
  ] as const;
  pair.when(
    "/fields?q=%2F,%3Clogs-%7Bnow%2Fd%7D%3E|[x]",
    respond({ fields: [...fields], body: "{}" }),
  );
  using client = await pair.client();
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  client.send(
    `GET /fields?q=%2F,%3Clogs-%7Bnow%2Fd%7D%3E|[x] HTTP/1.1\r\nHost: x\r\n${lines}\r\n`,
    "GET",
  );
  const answer = await client.response();
  const sent = fields.map(([name, value]) => [name, value.trim()]);
  assert.deepEqual(answer.head.fields.slice(0, fields.length), sent);
  assert.deepEqual(seen("/fields?q=%2F,%3Clogs-%7Bnow%2Fd%7D%3E|[x]").head.fields.slice(1), sent);
});

test("caused no malformed byte at the origin", () => {
  assert.deepEqual(origin.wireFaults, []);
});
