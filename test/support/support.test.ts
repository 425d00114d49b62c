import assert from "node:assert/strict";
import test from "node:test";
import { makeAuthority, makeSelfSigned } from "./certificates.ts";
import { connectRaw } from "./raw-client.ts";
import { cutAfter, respond, responseBytes } from "./origin-scripts.ts";
import { startOrigin } from "./recording-origin.ts";
import { testVariants } from "./test-variants.ts";
import { WireParser } from "./wire-parser.ts";

test("the raw client and the recording origin understand each other in every framing", async () => {
  for (const framing of ["length", "chunked"] as const) {
    await using origin = await startOrigin({ onRequest: respond({ body: "hello", framing }) });
    using client = await connectRaw({ port: origin.port });
    client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", "POST");
    client.send(
      "HEAD /b HTTP/1.1\r\nHost: x\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n",
      "HEAD",
      "GET",
    );
    const last = await client.response(3);
    assert.equal(last.body.toString(), "hello");
    assert.deepEqual(
      client.finals.map((message) => message.bodyBytes),
      [5, 0, 5],
    );
    assert.deepEqual(
      origin.requests.map((request) => [request.head.target, request.body.toString()]),
      [
        ["/a", "hi"],
        ["/b", ""],
        ["/c", ""],
      ],
    );
    assert.equal(client.isWhole, true);
  }
});

testVariants(
  "a response cut in the middle is seen as cut",
  { fin: "fin", reset: "reset" } as const,
  async (end) => {
    const bytes = responseBytes({ body: "hello" });
    await using origin = await startOrigin({ onRequest: cutAfter(bytes, bytes.length - 1, end) });
    using client = await connectRaw({ port: origin.port });
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
    assert.equal(await client.closed(), end);
    assert.equal(client.isWhole, false);
    assert.equal(client.finals[0]?.bodyBytes, 4);
  },
);

test("a TLS origin with a certificate of a test authority is trusted by that authority only", async () => {
  const authority = await makeAuthority();
  const server = await authority.server();
  await using origin = await startOrigin({ tls: { cert: server.certPem, key: server.keyPem } });
  using client = await connectRaw({
    port: origin.port,
    tls: { ca: authority.certPem, servername: "localhost" },
  });
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await client.response()).head.status, 200);
  const stranger = await makeSelfSigned();
  await assert.rejects(
    connectRaw({ port: origin.port, tls: { ca: stranger.certPem, servername: "localhost" } }),
    /certificate|issuer/,
  );
  const expired = await authority.server({ isExpired: true });
  await using old = await startOrigin({ tls: { cert: expired.certPem, key: expired.keyPem } });
  await assert.rejects(
    connectRaw({ port: old.port, tls: { ca: authority.certPem, servername: "localhost" } }),
    /expired/,
  );
});

test("the tests' own reader refuses what no peer may send", () => {
  const broken: readonly string[] = [
    "GET / HTTP/1.1\nHost: x\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.2\r\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\0\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a\r\nx\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\n0\r\n\r\n",
  ];
  for (const text of broken) {
    const parser = new WireParser({ kind: "request" });
    parser.push(Buffer.from(text, "latin1"));
    assert.notEqual(parser.fault, undefined, JSON.stringify(text));
  }
});
