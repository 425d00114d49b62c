import assert from "node:assert/strict";
import { request as httpsRequest } from "node:https";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { Client, errors } from "@elastic/elasticsearch";
import { makeSelfSigned } from "../support/certificates.ts";
import { clientFor, errorOf, ndjson, send, sendRaw, startFor } from "./running-mock.ts";

test("answers GET / with the fields and fields' order of the head that the real server sends", async (t) => {
  const mock = await startFor(t);
  const raw = await sendRaw(mock, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", (text) =>
    text.includes("You Know"),
  );
  const [head = ""] = raw.text.split("\r\n\r\n");
  assert.match(
    head,
    /^HTTP\/1\.1 200 OK\r\nX-elastic-product: Elasticsearch\r\ncontent-type: application\/json\r\ncontent-length: \d+$/,
  );
});

test("passes the product check of the official client and pings", async (t) => {
  const { client } = await clientFor(t);
  assert.equal(await client.ping(), true);
  assert.equal((await client.info()).tagline, "You Know, for Search");
});

test("answers in the media type that was asked for, of both major versions", async (t) => {
  const mock = await startFor(t);
  const typeFor = async (accept: string): Promise<unknown> =>
    (await send(mock, "GET", "/", { headers: { accept } })).headers["content-type"];
  assert.equal(
    await typeFor("application/vnd.elasticsearch+json; compatible-with=9"),
    "application/vnd.elasticsearch+json;compatible-with=9",
  );
  assert.equal(
    await typeFor("application/vnd.elasticsearch+json; compatible-with=8,text/plain"),
    "application/vnd.elasticsearch+json;compatible-with=8",
  );
  assert.equal(await typeFor("*/*"), "application/json");
  assert.equal(await typeFor("text/html,application/xhtml+xml"), "application/json");
});

test("refuses media types that are missing, unknown, from another version or at odds", async (t) => {
  const mock = await startFor(t);
  const post = async (headers: Record<string, string>) =>
    await send(mock, "POST", "/a/_doc", { body: "{}", headers });
  const form = await post({ "content-type": "application/x-www-form-urlencoded" });
  assert.equal(form.status, 406);
  assert.deepEqual(form.json, {
    error: "Content-Type header [application/x-www-form-urlencoded] is not supported",
    status: 406,
  });
  const bare = await sendRaw(
    mock,
    "POST /a/_doc HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
  );
  assert.match(
    bare.text,
    /^HTTP\/1\.1 406 [\s\S]*\{"error":"Content-Type header is missing","status":406\}$/,
  );
  for (const headers of [
    {
      "content-type": "application/json",
      accept: "application/vnd.elasticsearch+json; compatible-with=7",
    },
    {
      "content-type": "application/vnd.elasticsearch+json; compatible-with=8",
      accept: "application/vnd.elasticsearch+json; compatible-with=9",
    },
    { "content-type": "nonsense" },
  ]) {
    const refused = await post(headers);
    assert.equal(refused.status, 400, JSON.stringify(headers));
    assert.equal(errorOf(refused).type, "media_type_header_exception");
  }
  assert.equal(mock.store.indices.size, 0);
});

test("refuses formats that it cannot write instead of answering another", async (t) => {
  const mock = await startFor(t);
  assert.equal(
    (await send(mock, "GET", "/", { headers: { accept: "application/smile" } })).status,
    406,
  );
  assert.equal((await send(mock, "GET", "/?format=cbor")).status, 406);
});

test("answers in YAML where it is asked for, by its name or by Accept", async (t) => {
  const mock = await startFor(t);
  const path = "/_cluster/health?filter_path=status";
  for (const [asked, headers, type] of [
    ["&format=yaml", {}, "application/yaml"],
    ["", { accept: "application/yaml" }, "application/yaml"],
    [
      "",
      { accept: "application/vnd.elasticsearch+yaml;compatible-with=9" },
      "application/vnd.elasticsearch+yaml;compatible-with=9",
    ],
    ["&format=yaml", { accept: "application/json" }, "application/yaml"],
  ] as const) {
    const answer = await send(mock, "GET", path + asked, { headers });
    assert.equal(answer.headers["content-type"], type);
    assert.equal(answer.body.toString(), '---\nstatus: "green"\n');
  }
  const table = await send(mock, "GET", "/_cat/health?h=status&format=yaml");
  assert.equal(table.body.toString(), '---\n- status: "green"\n');
  const json = await send(mock, "GET", `${path}&format=json`, {
    headers: { accept: "application/yaml" },
  });
  assert.equal(json.body.toString(), '{"status":"green"}');
});

test("takes compressed bodies and compresses answers when the client wants it", async (t) => {
  const mock = await startFor(t);
  const body = gzipSync(ndjson({ index: { _index: "a", _id: "1" } }, { n: 1 }));
  const sent = await send(mock, "POST", "/_bulk", {
    body,
    headers: { "content-encoding": "gzip", "accept-encoding": "gzip,deflate" },
  });
  assert.equal(sent.headers["content-encoding"], "gzip");
  assert.equal(sent.headers["content-length"], String(sent.body.length));
  const answer = JSON.parse(gunzipSync(sent.body).toString()) as { errors: boolean };
  assert.equal(answer.errors, false);
  assert.equal(
    (await send(mock, "GET", "/", { headers: { "accept-encoding": "gzip;q=0" } })).headers[
      "content-encoding"
    ],
    undefined,
  );
  const broken = await send(mock, "POST", "/_bulk", {
    body: "no gzip\n",
    headers: { "content-encoding": "gzip" },
  });
  assert.equal(broken.status, 400);
});

test("works with the client's compression switched on", async (t) => {
  const { client } = await clientFor(t, {}, { compression: true });
  await client.index({ index: "a", id: "1", document: { text: "x".repeat(2000) } });
  assert.equal(
    (await client.get<{ text: string }>({ index: "a", id: "1" }))._source?.text.length,
    2000,
  );
});

test("echoes X-Opaque-Id and never invents one", async (t) => {
  const mock = await startFor(t);
  assert.equal(
    (await send(mock, "GET", "/", { headers: { "x-opaque-id": "mine" } })).headers["x-opaque-id"],
    "mine",
  );
  assert.equal(
    (await send(mock, "GET", "/nope/x/y", { headers: { "x-opaque-id": "e" } })).headers[
      "x-opaque-id"
    ],
    "e",
  );
  assert.equal((await send(mock, "GET", "/")).headers["x-opaque-id"], undefined);
});

test("answers HEAD with the length of the body that it does not send, and keeps the connection", async (t) => {
  const mock = await startFor(t);
  const two =
    "HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /nope/x/y HTTP/1.1\r\nHost: x\r\nConnection: " +
    "close\r\n\r\n";
  const raw = await sendRaw(mock, two);
  const [first = "", second = ""] = raw.text.split("HTTP/1.1 ").slice(1);
  assert.match(first, /^200 OK\r\n[\s\S]*content-length: [1-9]\d*\r\n\r\n$/);
  assert.match(second, /^400 Bad Request/);
  assert.equal(mock.requests.all().at(-1)?.connection, mock.requests.all()[0]?.connection);
});

test("answers pipelined requests in order and reads GET and DELETE bodies", async (t) => {
  const mock = await startFor(t);
  const body = '{"query":{"match_none":{}}}';
  const withBody = (method: string, target: string, close = ""): string =>
    `${method} ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${close}\r\n${body}`;
  await send(mock, "PUT", "/a/_doc/1", { body: {} });
  const raw = await sendRaw(
    mock,
    withBody("GET", "/a/_count") + withBody("DELETE", "/_pit", "Connection: close\r\n"),
  );
  const answers = raw.text.split("HTTP/1.1 ").slice(1);
  assert.equal(answers.length, 2);
  assert.match(answers[0] ?? "", /"count":0/);
  assert.match(answers[1] ?? "", /search context id is is not provided/);
});

test("says 100 Continue to a client that asks, and 413 when the body would be too long", async (t) => {
  const mock = await startFor(t, { maxBodyBytes: 100 });
  const head = (length: number): string =>
    `PUT /a/_doc/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`;
  const welcome = await sendRaw(mock, `${head(2)}{}`);
  assert.match(welcome.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 Created/);
  const refused = await sendRaw(mock, head(101));
  assert.match(refused.text, /^HTTP\/1\.1 413 Payload Too Large\r\n/);
});

test("answers 413 without a body for bodies over the limit: announced, chunked and unpacked", async (t) => {
  const mock = await startFor(t, { maxBodyBytes: 1000 });
  const announced = await send(mock, "PUT", "/a/_doc/1", { body: Buffer.alloc(1001, 32) });
  assert.equal(announced.status, 413);
  assert.equal(announced.body.length, 0);
  const chunk = `3e9\r\n${" ".repeat(1001)}\r\n`;
  const chunked = await sendRaw(
    mock,
    `PUT /a/_doc/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`,
  );
  assert.match(chunked.text, /^HTTP\/1\.1 413 /);
  const bomb = await send(mock, "PUT", "/a/_doc/1", {
    body: gzipSync(Buffer.alloc(100_000, 32)),
    headers: { "content-encoding": "gzip" },
  });
  assert.equal(bomb.status, 413);
  assert.equal(mock.store.indices.size, 0);
});

test("accepts a long head and refuses a malformed one", async (t) => {
  const mock = await startFor(t);
  assert.equal(
    (await send(mock, "GET", "/", { headers: { "x-long": "x".repeat(40_000) } })).status,
    200,
  );
  const raw = await sendRaw(mock, "GET / HTTP/1.1\r\nHost: x\r\nBad Header: 1\r\n\r\n");
  assert.match(raw.text, /^HTTP\/1\.1 400 /);
  assert.equal(mock.requests.count, 1);
});

test("asks for credentials when it has some, and takes Basic and API keys", async (t) => {
  const apiKey = Buffer.from("id:secret").toString("base64");
  const mock = await startFor(t, {
    credentials: { users: { elastic: "pass:word" }, apiKeys: [apiKey] },
  });
  const none = await send(mock, "GET", "/");
  assert.equal(none.status, 401);
  assert.equal(none.headers["x-elastic-product"], undefined);
  assert.equal(errorOf(none).type, "security_exception");
  assert.deepEqual(
    none.rawHeaders.filter((_entry, at) => none.rawHeaders[at - 1] === "WWW-Authenticate"),
    ['Basic realm="security", charset="UTF-8"', "ApiKey"],
  );
  const wrong = await send(mock, "GET", "/", {
    headers: { authorization: `basic ${Buffer.from("elastic:no").toString("base64")}` },
  });
  assert.equal(errorOf(wrong).reason, "unable to authenticate user [elastic] for REST request [/]");
  for (const auth of [{ username: "elastic", password: "pass:word" }, { apiKey }]) {
    const client = new Client({ node: mock.url, auth });
    assert.equal(await client.ping(), true);
    await client.close();
  }
});

test("speaks HTTPS with the certificate that it is given", async (t) => {
  const identity = await makeSelfSigned();
  const tls = { cert: identity.certPem, key: identity.keyPem };
  const mock = await startFor(t, { tls });
  const client = new Client({
    node: mock.url.replace("127.0.0.1", "localhost"),
    tls: { ca: tls.cert },
  });
  t.after(async () => {
    await client.close();
  });
  await client.index({ index: "a", id: "1", document: {} });
  assert.equal((await client.count({ index: "a" })).count, 1);
  const refused = await new Promise((resolve) => {
    httpsRequest(mock.url, () => {
      resolve("accepted");
    })
      .on("error", resolve)
      .end();
  });
  assert.ok(refused instanceof Error, "a client that does not know the certificate must refuse it");
});

test("answers unknown routes with the server's own 400 and 405", async (t) => {
  const unmatched: string[] = [];
  const mock = await startFor(t, {
    onUnmatched: (method, target) => unmatched.push(`${method} ${target}`),
  });
  const unknown = await send(mock, "GET", "/x/y/z?q=1");
  assert.equal(unknown.status, 400);
  assert.deepEqual(unknown.json, {
    error: "no handler found for uri [/x/y/z?q=1] and method [GET]",
  });
  const wrong = await send(mock, "POST", "/_cluster/health");
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.allow, "GET");
  assert.deepEqual(wrong.json, {
    error: "Incorrect HTTP method for uri [/_cluster/health] and method [POST], allowed: [GET]",
    status: 405,
  });
  assert.deepEqual(unmatched, ["GET /x/y/z?q=1", "POST /_cluster/health"]);
  const index = await send(mock, "GET", "/_nothing");
  assert.deepEqual(errorOf(index), {
    type: "invalid_index_name_exception",
    reason: "Invalid index name [_nothing], must not start with '_'.",
  });
});

test("refuses every API that it does not cover as if its module were missing", async (t) => {
  const { client, mock } = await clientFor(t);
  const calls: (() => Promise<unknown>)[] = [
    () => client.security.authenticate(),
    () => client.ml.getJobs(),
    () => client.ccr.stats(),
    () => client.rollup.getJobs(),
    () => client.transform.getTransform(),
    () => client.watcher.stats(),
    () => client.logstash.getPipeline(),
    () => client.license.delete(),
  ];
  for (const call of calls) {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof errors.ResponseError);
      assert.equal(error.statusCode, 400, String(call));
      assert.match(JSON.stringify(error.body), /no handler found for uri/, String(call));
      return true;
    });
  }
  assert.equal(mock.store.indices.size, 0);
});

test("warns where the real server warns, one field for each message, and nowhere else", async (t) => {
  const mock = await startFor(t);
  const warnings = async (method: string, target: string): Promise<string[]> => {
    const { rawHeaders } = await send(mock, method, target);
    return rawHeaders.filter((_entry, at) => rawHeaders[at - 1] === "Warning");
  };
  assert.deepEqual(await warnings("PUT", "/a"), []);
  const [dotted = "", ...none] = await warnings("PUT", "/.dotted");
  assert.match(
    dotted,
    /^299 Elasticsearch-9\.5\.3-\w{40} "index name \[\.dotted\] starts with a dot/,
  );
  assert.deepEqual(none, []);
  assert.match(
    (await warnings("GET", "/a/_search?ignore_throttled=false"))[0] ?? "",
    /\[ignore_throttled\] parameter is deprecated/,
  );
});

test("tells OPTIONS which methods a path has, and HEAD the length that GET has", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", { body: { aliases: { x: {} } } });
  const options = await send(mock, "OPTIONS", "/a");
  assert.equal(options.status, 200);
  assert.equal(options.headers.allow, "GET,PUT,DELETE,HEAD");
  assert.equal((await send(mock, "OPTIONS", "/x/y/z")).status, 200);
  for (const target of ["/", "/a", "/_alias/x", "/nope"]) {
    const head = await send(mock, "HEAD", target);
    const get = await send(mock, "GET", target);
    assert.equal(head.status, get.status, target);
    assert.equal(head.headers["content-length"], get.headers["content-length"], target);
    assert.equal(head.body.length, 0);
  }
});
