import assert from "node:assert/strict";
import { test } from "node:test";
import { ForwardedFields } from "../../src/http/forwarded-fields.ts";
import { outgoingRequest, wantedUpgrade } from "../../src/http/request-head.ts";
import type { HeadRoute } from "../../src/http/request-head.ts";
import { TrustedProxies } from "../../src/net/trusted-proxies.ts";
import { endpointAt } from "../upstream/upstream-fixture.ts";
import { readMessage } from "./head-fixture.ts";

const route: HeadRoute = {
  hostHeader: undefined,
  upgrade: [],
  pool: { endpoints: [endpointAt(9200)] },
};
const peer = { peerAddress: "192.0.2.7", localAddress: "127.0.0.1", localPort: 80, isTls: false };
const trusted = new TrustedProxies([]);
const xForwarded = new ForwardedFields({ fields: "x_forwarded", trusted, via: undefined }, peer);

interface Row {
  readonly name: string;
  readonly received: string;
  readonly route?: Partial<HeadRoute>;
  readonly upgrade?: string;
  readonly forwarded?: ForwardedFields;
  readonly via?: string;
  readonly sent: string;
}

const rows: readonly Row[] = [
  {
    name: "a request that needs no change goes on as it came",
    received: "POST /a HTTP/1.1\r\nHost: es\r\nContent-Length: 2\r\n\r\n{}",
    sent: "POST /a HTTP/1.1\r\nHost: es\r\nContent-Length: 2\r\n\r\n{}",
  },
  {
    name: "hop-by-hop fields and credentials for the proxy stay here (RFC 9110 §7.6.1, §11.7.1)",
    received:
      "GET / HTTP/1.1\r\nhost: es\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\n" +
      "Upgrade: h3\r\nConnection: upgrade\r\nX-A: 1\r\n\r\n",
    sent: "GET / HTTP/1.1\r\nhost: es\r\nX-A: 1\r\n\r\n",
  },
  {
    name: "an absolute target becomes a path (RFC 9112 §3.2.2)",
    received: "GET http://es/a?b HTTP/1.1\r\nHost: es\r\n\r\n",
    sent: "GET /a?b HTTP/1.1\r\nHost: es\r\n\r\n",
  },
  {
    name: "an absolute target without a path asks for the root",
    received: "GET http://es?b HTTP/1.1\r\nHost: es\r\n\r\n",
    sent: "GET /?b HTTP/1.1\r\nHost: es\r\n\r\n",
  },
  {
    name: "OPTIONS with an absolute target without a path is about the server (RFC 9112 §3.2.4)",
    received: "OPTIONS http://es HTTP/1.1\r\nHost: es\r\n\r\n",
    sent: "OPTIONS * HTTP/1.1\r\nHost: es\r\n\r\n",
  },
  {
    name: "OPTIONS with a query asks about a resource",
    received: "OPTIONS http://es?b HTTP/1.1\r\nHost: es\r\n\r\n",
    sent: "OPTIONS /?b HTTP/1.1\r\nHost: es\r\n\r\n",
  },
  {
    name: "the host of an absolute target stands in for a missing Host (RFC 9112 §3.2.2)",
    received: "GET http://es:9201/a HTTP/1.0\r\n\r\n",
    sent: "GET /a HTTP/1.1\r\nhost: es:9201\r\n\r\n",
  },
  {
    name: "an empty line in front of the request is not passed on (RFC 9112 §2.2)",
    received: "\r\nGET / HTTP/1.1\r\nHost: es\r\n\r\n",
    sent: "GET / HTTP/1.1\r\nHost: es\r\n\r\n",
  },
  {
    name: "HTTP/1.0 goes on in our version, with the endpoint's own Host where it has none",
    received: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    sent: "GET / HTTP/1.1\r\nhost: 127.0.0.1:9200\r\n\r\n",
  },
  {
    name: "HTTP/1.0 knows no expectations (RFC 9110 §10.1.1)",
    received: "POST / HTTP/1.0\r\nHost: es\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    sent: "POST / HTTP/1.1\r\nHost: es\r\nContent-Length: 1\r\n\r\nx",
  },
  {
    name: "an expectation of HTTP/1.1 goes on",
    received: "POST / HTTP/1.1\r\nHost: es\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    sent: "POST / HTTP/1.1\r\nHost: es\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
  },
  {
    name: "a route may send a Host of its own",
    received: "GET / HTTP/1.1\r\nHost: es\r\nX-A: 1\r\n\r\n",
    route: { hostHeader: "inside:9200" },
    sent: "GET / HTTP/1.1\r\nX-A: 1\r\nhost: inside:9200\r\n\r\n",
  },
  {
    name: "claims about the client are replaced by what the connection shows",
    received: "GET / HTTP/1.1\r\nHost: es\r\nX-Real-IP: 10.0.0.1\r\nForwarded: for=x\r\n\r\n",
    forwarded: xForwarded,
    sent:
      "GET / HTTP/1.1\r\nHost: es\r\nx-forwarded-for: 192.0.2.7\r\nx-forwarded-proto: http\r\n" +
      "x-forwarded-port: 80\r\nx-forwarded-host: es\r\n\r\n",
  },
  {
    name: "a Host of the route, forwarded fields and HTTP/1.0 go together",
    received: "POST / HTTP/1.0\r\nHost: es\r\nExpect: x\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
    route: { hostHeader: "inside" },
    forwarded: xForwarded,
    via: "edge",
    sent:
      "POST / HTTP/1.1\r\nhost: inside\r\nx-forwarded-for: 192.0.2.7\r\n" +
      "x-forwarded-proto: http\r\nx-forwarded-port: 80\r\nx-forwarded-host: es\r\n" +
      "via: 1.0 edge\r\n\r\n",
  },
  {
    name: "Via names the version that was received (RFC 9110 §7.6.3)",
    received: "GET / HTTP/1.1\r\nHost: es\r\nVia: 1.1 other\r\n\r\n",
    via: "edge",
    sent: "GET / HTTP/1.1\r\nHost: es\r\nVia: 1.1 other\r\nvia: 1.1 edge\r\n\r\n",
  },
  {
    name: "a protocol that is switched to is named again, for the next hop (RFC 9110 §7.8)",
    received: "GET / HTTP/1.1\r\nHost: es\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    route: { upgrade: ["websocket"] },
    upgrade: "websocket",
    sent: "GET / HTTP/1.1\r\nHost: es\r\nUpgrade: websocket\r\nconnection: upgrade\r\n\r\n",
  },
  {
    name: "chunk extensions are cut out, chunks and trailers pass (RFC 9112 §7.1)",
    received:
      "POST / HTTP/1.1\r\nHost: es\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
    sent:
      "POST / HTTP/1.1\r\nHost: es\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
  },
  {
    name: "a trailer goes on in its plain form, but for those that Connection names",
    received:
      "POST / HTTP/1.1\r\nHost: es\r\nConnection: X-B\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "1\r\nx\r\n0\r\nX-A:POST / HTTP/1.1\r\nx-b: 2\r\n\r\n",
    sent:
      "POST / HTTP/1.1\r\nHost: es\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "1\r\nx\r\n0\r\nX-A: POST / HTTP/1.1\r\n\r\n",
  },
  {
    name: "a length with leading zeros is written without them (RFC 9110 §8.6)",
    received: "POST / HTTP/1.1\r\nHost: es\r\nContent-Length: 01\r\n\r\nx",
    sent: "POST / HTTP/1.1\r\nHost: es\r\ncontent-length: 1\r\n\r\nx",
  },
];

for (const row of rows)
  test(row.name, () => {
    for (let cut = 0; cut <= row.received.length; cut += 1) {
      const { head, first, rest } = readMessage("request", row.received, cut, false);
      const out = outgoingRequest(
        head,
        first,
        { ...route, ...row.route },
        row.upgrade ?? "",
        row.forwarded,
        row.via,
      );
      const sent = out.toString("latin1") + (rest()?.released().toString("latin1") ?? "");
      assert.equal(sent, row.sent, `cut at ${cut}`);
    }
  });

/** Whether `part` lies in the bytes of `whole`, not only in the same pool of memory. */
function liesIn(part: Buffer, whole: Buffer): boolean {
  const start = part.byteOffset - whole.byteOffset;
  return part.buffer === whole.buffer && start >= 0 && start + part.length <= whole.length;
}

test("a request that needs no change is not copied", () => {
  const text = "POST /a HTTP/1.1\r\nHost: es\r\nContent-Length: 2\r\n\r\n{}";
  const { head, first } = readMessage("request", text, 0, false);
  const out = outgoingRequest(head, first, route, "", undefined, undefined);
  assert.ok(liesIn(out, head.bytes));
});

test("a head that gets no longer is written over the received one in front of a large body", () => {
  const body = "x".repeat(20_000);
  const fields = `Host: es\r\nKeep-Alive: timeout=5\r\nContent-Length: ${body.length}\r\n\r\n`;
  const text = `POST /a HTTP/1.1\r\n${fields}${body}`;
  const expected = text.replace("Keep-Alive: timeout=5\r\n", "");
  const { head, first } = readMessage("request", text, 0, false);
  const out = outgoingRequest(head, first, route, "", undefined, undefined);
  assert.ok(liesIn(out, first.bytes), "the body stays where it is");
  assert.equal(out.toString("latin1"), expected);
  const longer = readMessage("request", text, 0, false);
  const withVia = outgoingRequest(
    longer.head,
    longer.first,
    route,
    "",
    undefined,
    "a-name-that-is-longer-than-what-goes",
  );
  assert.ok(!liesIn(withVia, longer.first.bytes), "there is no room for a longer head");
  assert.equal(withVia.length, expected.length + "via: 1.1 \r\n".length + 36);
});

test("a protocol is switched to only where client, method, version, body and route allow it", () => {
  const wanted = (text: string, allowed: readonly string[], method = "GET"): string =>
    wantedUpgrade(readMessage("request", text, 0, false).head, method, {
      ...route,
      upgrade: allowed,
    });
  const upgrade = "Host: es\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n";
  const get = `GET / HTTP/1.1\r\n${upgrade}\r\n`;
  assert.equal(wanted(get, ["websocket"]), "websocket");
  assert.equal(wanted(get, []), "");
  assert.equal(wanted(get, ["h3"]), "");
  assert.equal(wanted(get, ["websocket"], "POST"), "");
  assert.equal(wanted(`GET / HTTP/1.0\r\n${upgrade}\r\n`, ["websocket"]), "");
  const withBody = `GET / HTTP/1.1\r\n${upgrade}Content-Length: 1\r\n\r\nx`;
  assert.equal(wanted(withBody, ["websocket"]), "");
  const unnamed = "GET / HTTP/1.1\r\nHost: es\r\nUpgrade: websocket\r\n\r\n";
  assert.equal(wanted(unnamed, ["websocket"]), "", "Connection must name the field");
  const two = get.replace("WebSocket", "websocket, h3");
  assert.equal(wanted(two, ["websocket"]), "", "all of them must be allowed");
  assert.equal(wanted(two, ["websocket", "h3"]), "websocket, h3");
});
