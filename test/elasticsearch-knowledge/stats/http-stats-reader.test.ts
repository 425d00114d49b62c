import assert from "node:assert/strict";
import test from "node:test";
import { HttpStatsReader } from "../../../src/elasticsearch/stats/http-stats-reader.ts";

// The shape of a 9.5.3 node's answer.
const answer = {
  _nodes: { total: 2, successful: 2, failed: 0 },
  cluster_name: "es",
  nodes: {
    PyPx0AUZTx2_OdeAHHOs7w: {
      timestamp: 1_795_956_876_459,
      name: "node-1",
      roles: ["data", "master"],
      attributes: { name: "no" },
      http: {
        current_open: 2,
        total_opened: 6,
        clients: [
          {
            id: 1_645_530_724,
            agent: "curl/7.88.1",
            local_address: "127.0.0.1:9200",
            remote_address: "127.0.0.1:44232",
            last_uri: "/_nodes/http",
            opened_time_millis: 1,
            closed_time_millis: 2,
            last_request_time_millis: 3,
            request_count: 7,
            request_size_bytes: 0,
          },
          {
            id: 2,
            agent: `"é${"x".repeat(500)}`,
            remote_address: "[::1]:5",
            x_opaque_id: "abc",
            x_forwarded_for: "1.2.3.4",
            request_count: 1,
          },
        ],
        routes: { "/": { requests: { count: 1, size_histogram: [{ lt_bytes: 1, count: 1 }] } } },
      },
    },
    old: { name: "node-2", http: { current_open: 1, total_opened: 3 } },
  },
};

function read(text: string, pieceBytes: number) {
  const reader = new HttpStatsReader();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes)
    if (!reader.write(bytes.subarray(at, at + pieceBytes))) break;
  return reader.finish();
}

test("reads the connections of each node, wherever the answer is cut", () => {
  const text = JSON.stringify(answer);
  for (const size of [1, 2, 3, 7, 100, text.length]) {
    const nodes = read(text, size);
    assert.deepEqual(nodes?.[0], {
      id: "PyPx0AUZTx2_OdeAHHOs7w",
      name: "node-1",
      totalOpened: 6,
      clients: [
        {
          id: "1645530724",
          agent: "curl/7.88.1",
          opaqueId: "",
          remoteAddress: "127.0.0.1:44232",
          requests: 7,
        },
        {
          id: "2",
          agent: nodes?.[0]?.clients?.[1]?.agent,
          opaqueId: "abc",
          remoteAddress: "[::1]:5",
          requests: 1,
        },
      ],
    });
    assert.ok((nodes?.[0]?.clients?.[1]?.agent.length ?? 0) <= 200);
    assert.match(nodes?.[0]?.clients?.[1]?.agent ?? "", /^"éxxx/);
    assert.deepEqual(nodes?.[1], { id: "old", name: "node-2", totalOpened: 3, clients: undefined });
  }
});

test("says nothing of an answer that is cut, or is something else", () => {
  const text = JSON.stringify(answer);
  for (let length = 0; length < text.length; length += 13)
    assert.equal(read(text.slice(0, length), 64), undefined, String(length));
  assert.equal(read("<html>", 64), undefined);
  assert.equal(read(`${text}{}`, 64), undefined);
  assert.deepEqual(read("{}", 64), []);
  assert.deepEqual(read('{"nodes":[{"name":"x"}]}', 64), []);
});
