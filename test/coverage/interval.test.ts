import assert from "node:assert/strict";
import test from "node:test";
import { RequestCounts } from "../../src/coverage/interval.ts";
import type { OwnEnds } from "../../src/coverage/interval.ts";
import type { NodeHttpStats } from "../../src/elasticsearch/stats/http-stats-reader.ts";
import { TrustedProxies } from "../../src/net/trusted-proxies.ts";

type Row = readonly [id: string, remoteAddress: string, requests: number];

function node(totalOpened: number, rows: readonly Row[], id = "a"): NodeHttpStats {
  const clients = rows.map(([clientId, remoteAddress, requests]) => ({
    id: clientId,
    remoteAddress,
    requests,
    agent: "agent",
    opaqueId: "",
  }));
  return { id, name: `node ${id}`, totalOpened, clients };
}

const own: OwnEnds = {
  places: new Map([
    ["10.0.0.1:1000", "relay"],
    ["[fd00::1]:1001", "relay"],
    ["10.0.0.1:2000", "own"],
  ]),
  addresses: new Set(),
  exempt: new TrustedProxies(["10.9.0.0/16"]),
};

test("the first look has nothing to be compared with", () => {
  const counts = new RequestCounts();
  assert.equal(counts.next([node(1, [["1", "10.0.0.1:1000", 5]])], own), undefined);
  assert.equal(counts.next([node(1, [["1", "10.0.0.1:1000", 5]])], own)?.relayed, 0);
});

test("counts what each connection has asked for since the last look, by who it belongs to", () => {
  const counts = new RequestCounts();
  counts.next(
    [
      node(2, [
        ["1", "10.0.0.1:1000", 5],
        ["2", "10.5.5.5:1000", 7],
      ]),
    ],
    own,
  );
  const interval = counts.next(
    [
      node(7, [
        ["1", "10.0.0.1:1000", 15],
        ["2", "10.5.5.5:1000", 9],
        ["3", "[fd00::1]:1001", 1],
        ["4", "10.0.0.1:2000", 1],
        ["5", "10.9.3.2:80", 4],
        // The proxy's own address, but no connection of it.
        ["6", "10.0.0.1:3000", 6],
        ["7", "10.5.5.6:1", 0],
      ]),
    ],
    own,
  );
  assert.deepEqual(
    { ...interval, bypassing: interval?.bypassing.map((one) => [one.address, one.requests]) },
    {
      relayed: 11,
      own: 1,
      exempt: 4,
      bypassed: 8,
      bypassing: [
        ["10.5.5.5", 2],
        ["10.0.0.1", 6],
      ],
      lostConnections: 0,
    },
  );
});

test("two connections of one id are told apart", () => {
  const counts = new RequestCounts();
  counts.next(
    [
      node(2, [
        ["1", "10.5.5.5:1", 5],
        ["1", "10.5.5.5:2", 100],
      ]),
    ],
    own,
  );
  const interval = counts.next(
    [
      node(2, [
        ["1", "10.5.5.5:1", 6],
        ["1", "10.5.5.5:2", 102],
      ]),
    ],
    own,
  );
  assert.deepEqual([interval?.bypassed, interval?.lostConnections], [3, 0]);
});

test("where addresses are translated, an address stands for all its connections", () => {
  const counts = new RequestCounts();
  const translated: OwnEnds = { ...own, places: new Map(), addresses: new Set(["192.0.2.7"]) };
  counts.next([node(0, [])], translated);
  const interval = counts.next(
    [
      node(2, [
        ["1", "192.0.2.7:1", 3],
        ["2", "192.0.2.8:1", 2],
      ]),
    ],
    translated,
  );
  assert.deepEqual([interval?.relayed, interval?.bypassed], [3, 2]);
});

test("says how many connections came and went between two looks", () => {
  const counts = new RequestCounts();
  counts.next([node(10, [["1", "10.0.0.1:1000", 1]])], own);
  assert.equal(counts.next([node(15, [["2", "10.0.0.1:1000", 1]])], own)?.lostConnections, 4);
});

test("a node that was started again begins at zero, one that appears is looked at from then on", () => {
  const counts = new RequestCounts();
  counts.next([node(100, [["1", "10.5.5.5:1", 50]])], own);
  const again = counts.next(
    [
      node(2, [
        ["1", "10.5.5.5:1", 3],
        ["9", "10.5.5.5:2", 1],
      ]),
      node(9, [["1", "10.5.5.5:3", 8]], "b"),
    ],
    own,
  );
  assert.deepEqual([again?.bypassed, again?.lostConnections], [4, 0]);
  const gone = counts.next([node(9, [["1", "10.5.5.5:3", 9]], "b")], own);
  assert.equal(gone?.bypassed, 1);
  const back = counts.next(
    [
      node(2, [
        ["1", "10.5.5.5:1", 5],
        ["9", "10.5.5.5:2", 1],
      ]),
    ],
    own,
  );
  assert.equal(back?.bypassed, 2);
});

test("a node without clients, whose empty list is left out, is looked at from then on", () => {
  const counts = new RequestCounts();
  const idle = { id: "b", name: "node b", totalOpened: 0, clients: undefined };
  counts.next([node(1, [["1", "10.0.0.1:2000", 1]]), idle], own);
  const interval = counts.next([node(1, []), node(1, [["1", "10.5.5.5:1", 4]], "b")], own);
  assert.equal(interval?.bypassed, 4);
});

test("nodes that do not tell of their clients cannot be compared", () => {
  const counts = new RequestCounts();
  const silent = { id: "a", name: "a", totalOpened: 4, clients: undefined };
  assert.equal(counts.next([silent], own), undefined);
  assert.equal(counts.next([silent], own), undefined);
});

test("a secret in what a bypassing client sends is not told", () => {
  const counts = new RequestCounts();
  const [client] = node(1, [["1", "10.5.5.5:1", 1]]).clients ?? [];
  assert.ok(client !== undefined);
  const secret = { ...client, agent: "x password=C4n4ry", opaqueId: "job;token=C4n4ry" };
  counts.next([node(0, [])], own);
  const interval = counts.next([{ ...node(1, []), clients: [secret] }], own);
  assert.equal(interval?.bypassing.length, 1);
  assert.ok(!JSON.stringify(interval?.bypassing).includes("C4n4ry"));
});
