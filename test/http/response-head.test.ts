import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { RequestInfo } from "../../src/http/request-info.ts";
import { offeredProtocol, ResponseHeadWriter } from "../../src/http/response-head.ts";
import { readMessage } from "./head-fixture.ts";

interface Plan {
  readonly closes: boolean;
  readonly isDechunked: boolean;
  readonly isCloseDelimited: boolean;
  readonly isVerbatim: boolean;
}

interface Row {
  readonly name: string;
  /** Start line and fields of the endpoint's answer, each without its CRLF. */
  readonly head: readonly string[];
  readonly body?: string;
  readonly method?: string;
  readonly isHttp10?: boolean;
  /** The client asked for the connection to be closed, or speaks HTTP/1.0 without keep-alive. */
  readonly asksToClose?: boolean;
  /** The proxy drains, or the request is not complete. */
  readonly mustClose?: boolean;
  readonly plan: Plan;
  /** What the client gets. */
  readonly written: string;
}

const kept: Plan = {
  closes: false,
  isDechunked: false,
  isCloseDelimited: false,
  isVerbatim: true,
};
const edited: Plan = { ...kept, isVerbatim: false };
const closing: Plan = { ...edited, closes: true };
const ok = "HTTP/1.1 200 OK";

const rows: readonly Row[] = [
  {
    name: "a body with its length goes on as it came",
    head: [ok, "Content-Length: 5"],
    body: "hello",
    plan: kept,
    written: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  },
  {
    name: "so does a chunked one",
    head: [ok, "Transfer-Encoding: chunked"],
    body: "5\r\nhello\r\n0\r\n\r\n",
    plan: kept,
    written: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  },
  {
    name: "hop-by-hop fields and what Connection names stay here (RFC 9110 §7.6.1)",
    head: [
      ok,
      "Keep-Alive: timeout=5",
      "X-A: 1",
      "Connection: keep-alive, x-b",
      "X-B: 2",
      "Content-Length: 0",
    ],
    plan: edited,
    written: "HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n",
  },
  {
    name: "an endpoint that closes its connection does not close the client's",
    head: [ok, "Connection: close", "Content-Length: 5"],
    body: "hello",
    plan: edited,
    written: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  },
  {
    name: "a client that asked for it is told that its connection closes (RFC 9112 §9.6)",
    head: [ok, "Content-Length: 5"],
    body: "hello",
    asksToClose: true,
    plan: closing,
    written: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nconnection: close\r\n\r\nhello",
  },
  {
    name: "so is one whose connection must close",
    head: [ok, "Content-Length: 0"],
    mustClose: true,
    plan: closing,
    written: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nconnection: close\r\n\r\n",
  },
  {
    name: "a body until the end of the connection closes the client's as well (RFC 9112 §6.3)",
    head: [ok, "X-A: 1"],
    body: "hel",
    plan: { ...closing, isCloseDelimited: true },
    written: "HTTP/1.1 200 OK\r\nX-A: 1\r\nconnection: close\r\n\r\nhel",
  },
  {
    name: "an answer in HTTP/1.0 goes on in our version (RFC 9112 §2.3)",
    head: ["HTTP/1.0 200 OK", "Content-Length: 5"],
    body: "hello",
    plan: edited,
    written: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  },
  {
    name: "a length with leading zeros is written without them",
    head: [ok, "Content-Length: 0005"],
    body: "hello",
    plan: edited,
    written: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
  },
  {
    name: "a 204 has no framing fields (RFC 9110 §8.6)",
    head: ["HTTP/1.1 204 No Content", "Content-Length: 0", "X-A: 1"],
    plan: edited,
    written: "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
  },
  {
    name: "a 204 without any goes on as it came",
    head: ["HTTP/1.1 204 No Content", "X-A: 1"],
    plan: kept,
    written: "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
  },
  {
    name: "the length of a 304 and of an answer to HEAD stays (RFC 9110 §8.6)",
    head: ["HTTP/1.1 304 Not Modified", "Content-Length: 5"],
    plan: kept,
    written: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
  },
  {
    name: "an answer to HEAD that would be chunked is none to wait for",
    head: [ok, "Transfer-Encoding: chunked"],
    method: "HEAD",
    plan: kept,
    written: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  },
  {
    name: "a client of HTTP/1.0 that keeps its connection is told so",
    head: [ok, "Content-Length: 5"],
    body: "hello",
    isHttp10: true,
    plan: edited,
    written: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nconnection: keep-alive\r\n\r\nhello",
  },
  {
    name: "a client of HTTP/1.0 gets content instead of chunks (RFC 9112 §6.1)",
    head: [ok, "Transfer-Encoding: chunked", "Content-Type: text/plain"],
    body: "5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n",
    isHttp10: true,
    plan: { ...closing, isDechunked: true, isCloseDelimited: true },
    written: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nconnection: close\r\n\r\nhello!",
  },
  {
    name: "also where the chunks hold nothing else that is cut",
    head: [ok, "Transfer-Encoding: chunked"],
    body: "5\r\nhello\r\n0\r\n\r\n",
    isHttp10: true,
    plan: { ...closing, isDechunked: true, isCloseDelimited: true },
    written: "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello",
  },
  {
    name: "an answer to its HEAD names no coding either",
    head: [ok, "Transfer-Encoding: chunked"],
    method: "HEAD",
    isHttp10: true,
    plan: edited,
    written: "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\n\r\n",
  },
];

for (const row of rows)
  test(row.name, () => {
    const method = row.method ?? "GET";
    const traits = new RequestInfo(
      method,
      "/",
      row.isHttp10 === true,
      row.asksToClose === true,
      "",
    );
    const text = `${row.head.join("\r\n")}\r\n\r\n${row.body ?? ""}`;
    // At every place where the endpoint's bytes can be cut: head and first piece lie in one buffer,
    // or the head was collected in another one.
    for (let cut = 0; cut <= text.length; cut += 1) {
      const writer = new ResponseHeadWriter();
      const { head, first, rest } = readMessage("response", text, cut, method === "HEAD");
      const plan = writer.plan(head, traits, row.mustClose === true);
      assert.deepEqual({ ...plan }, row.plan);
      let written = writer.write(head, first, plan.isDechunked).toString("latin1");
      const { isDechunked } = plan;
      const more = rest();
      if (more !== undefined) written += writer.body(more, isDechunked).toString("latin1");
      assert.equal(written, row.written, `cut at ${cut}`);
    }
  });

test("a head that goes on as it came can be sent from where it lies", () => {
  const text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  const { head, first } = readMessage("response", text, 0, false);
  const writer = new ResponseHeadWriter();
  const { isVerbatim } = writer.plan(head, new RequestInfo("GET", "/", false, false, ""), false);
  assert.equal(isVerbatim && first.isPlain && head.bytes === first.bytes, true);
  assert.equal(head.bytes.toString("latin1", head.base, first.consumed), text);
});

test("interim answers lose hop-by-hop fields, a 101 keeps the protocol it switches to", () => {
  const writer = new ResponseHeadWriter();
  const early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\nX: 1\r\n\r\n";
  const interim = writer.interim(readMessage("response", early, 0, false).head);
  assert.equal(interim.toString("latin1"), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  const switching =
    "HTTP/1.1 101 Switching\r\nConnection: upgrade, keep-alive\r\nUpgrade: websocket\r\n\r\n";
  const { head } = readMessage("response", switching, 0, false);
  assert.equal(
    writer.switched(head).toString("latin1"),
    "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nconnection: upgrade\r\n\r\n",
  );
  assert.equal(offeredProtocol(head, "h3, websocket"), true);
  assert.equal(offeredProtocol(head, "h3"), false);
  const without = "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\n\r\n";
  const bare = readMessage("response", without, 0, false);
  assert.equal(offeredProtocol(bare.head, "websocket"), false);
});

test("what the plan says does not depend on the answer before", () => {
  const writer = new ResponseHeadWriter();
  const traits = new RequestInfo("GET", "/", true, false, "");
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  writer.plan(readMessage("response", chunked, 0, false).head, traits, true);
  const plain = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const { head, first } = readMessage("response", plain, 0, false);
  const plan = writer.plan(head, new RequestInfo("GET", "/", false, false, ""), false);
  assert.deepEqual({ ...plan }, kept);
  assert.deepEqual(writer.write(head, first, false), Buffer.from(plain, "latin1"));
});
