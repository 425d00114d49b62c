import assert from "node:assert/strict";
import { type ConnectionOptions } from "node:tls";
import { request } from "undici";
import { connectRaw } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";
import type { SentRequest } from "./audit-pairs.ts";

const index = "scenario-raw";

/** Requests whose answer from one server is the same each time, head and framing included. */
const requests: readonly {
  readonly method: string;
  readonly target: string;
  readonly body?: string;
}[] = [
  { method: "GET", target: `/${index}/_doc/1` },
  { method: "HEAD", target: `/${index}/_doc/1` },
  { method: "GET", target: `/${index}/_doc/1?pretty&human` },
  { method: "GET", target: `/${index}/_doc/absent` },
  { method: "HEAD", target: `/${index}/_doc/absent` },
  { method: "GET", target: `/${index}/_source/1` },
  { method: "GET", target: `/${index}/_source/large` },
  { method: "GET", target: `/${index}/_mapping` },
  { method: "GET", target: `/${index}/_count`, body: '{"query":{"match_all":{}}}' },
  {
    method: "POST",
    target: `/${index}/_search?filter_path=hits.hits._source`,
    body: '{"query":{"match_all":{}},"sort":["n"]}',
  },
  {
    method: "GET",
    target: `/${index}/_search?filter_path=hits.total`,
    body: '{"query":{"match":{"title":"snow"}}}',
  },
  { method: "POST", target: `/${index}/_mget`, body: '{"ids":["1","absent"]}' },
  { method: "GET", target: `/_cat/indices/${index}?h=index,pri,docs.count&v` },
  { method: "POST", target: `/${index}/_search`, body: '{"query":{"nonsense":{}}}' },
  { method: "GET", target: "/no/such/route" },
  { method: "PATCH", target: "/_search" },
  { method: "GET", target: `/${index}/_search?nonsense=1` },
  { method: "GET", target: "/absent-index/_search" },
  { method: "DELETE", target: "/_search/scroll", body: '{"scroll_id":[]}' },
];

/** Where the two sides are; the proxy may speak TLS. */
export interface RawReplayPlace {
  readonly directUrl: string;
  readonly proxyUrl: string;
  readonly ca?: string;
}

/**
 * Sends the same bytes to the server and to the proxy and asserts that the same bytes come back,
 * from the status line to the last byte of the framing, with and without compression. Gives what
 * was sent through the proxy.
 */
export async function replayRaw(place: RawReplayPlace): Promise<SentRequest[]> {
  await fill(place.directUrl);
  const sent: SentRequest[] = [];
  for (const wanted of requests) {
    for (const coding of ["", "Accept-Encoding: gzip\r\n"]) {
      const bytes = encode(wanted, coding);
      const direct = await ask(place.directUrl, undefined, wanted.method, bytes);
      const proxied = await ask(place.proxyUrl, place.ca, wanted.method, bytes);
      const name = `${wanted.method} ${wanted.target} ${coding.trim()}`;
      assert.equal(
        proxied.toString("latin1"),
        direct.toString("latin1"),
        `bytes of the answer to ${name}`,
      );
      sent.push({ method: wanted.method, target: wanted.target });
    }
  }
  await request(`${place.directUrl}/${index}`, { method: "DELETE" });
  return sent;
}

function encode(wanted: (typeof requests)[number], coding: string): Buffer {
  const body = wanted.body ?? "";
  const type =
    body === ""
      ? ""
      : `content-type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  // The same Host on both ways: the answer could hold it.
  return Buffer.from(
    `${wanted.method} ${wanted.target} HTTP/1.1\r\nHost: scenario\r\n${coding}${type}\r\n${body}`,
  );
}

async function ask(
  url: string,
  ca: string | undefined,
  method: string,
  bytes: Buffer,
): Promise<Buffer> {
  const { port, protocol } = new URL(url);
  const tls: ConnectionOptions = { servername: "localhost", ...(ca === undefined ? {} : { ca }) };
  using client = await connectRaw({
    port: Number(port),
    ...(protocol === "https:" ? { tls } : {}),
  });
  client.send(bytes, method);
  await waitFor(
    `an answer to ${method}`,
    () => client.finals.some((message) => message.complete),
    60_000,
  );
  assert.equal(client.fault, undefined);
  return Buffer.concat(client.received);
}

async function fill(url: string): Promise<void> {
  const large = "large document ".repeat(70_000);
  const lines = [
    { index: { _id: "1" } },
    { n: 1, title: "Snow Crash" },
    { index: { _id: "2" } },
    { n: 2, title: "Dune" },
    { index: { _id: "large" } },
    { n: 3, large },
  ];
  const response = await request(`${url}/${index}/_bulk?refresh=true`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  });
  const text = await response.body.text();
  assert.equal(response.statusCode, 200, text);
}
