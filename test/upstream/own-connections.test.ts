import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import test from "node:test";
import { OwnConnections } from "../../src/upstream/own-connections.ts";

/** As much of a socket as is looked at. */
function socketAt(localAddress: string | undefined, localPort: number | undefined): Socket {
  return Object.assign(new EventEmitter(), { localAddress, localPort }) as unknown as Socket;
}

test("tells of connections while they are open and for some minutes after their end", () => {
  let now = 0;
  const connections = new OwnConnections(() => now);
  const socket = socketAt("::ffff:10.0.0.1", 1000);
  connections.note(socket, "relay");
  connections.note(socketAt("fd00::1", 1001), "own");
  connections.note(socketAt(undefined, undefined), "relay");
  const both = [
    { place: "10.0.0.1:1000", purpose: "relay" },
    { place: "[fd00::1]:1001", purpose: "own" },
  ];
  assert.deepEqual(connections.list(), both);
  now = 1_000_000;
  assert.deepEqual(connections.list(), both);
  socket.emit("close");
  now += 360_000;
  assert.deepEqual(connections.list(), both);
  now += 1;
  assert.deepEqual(connections.list(), both.slice(1));
});

test("tells once of new connections", () => {
  const connections = new OwnConnections(() => 0);
  connections.note(socketAt("10.0.0.1", 1), "relay");
  assert.deepEqual(connections.takeFresh(), [{ place: "10.0.0.1:1", purpose: "relay" }]);
  assert.deepEqual(connections.takeFresh(), []);
});

test("keeps a bounded number of connections that have ended", () => {
  const connections = new OwnConnections(() => 0);
  for (let port = 1; port <= 60_000; port += 1) {
    const socket = socketAt("10.0.0.1", port);
    connections.note(socket, "relay");
    socket.emit("close");
  }
  const list = connections.list();
  assert.ok(list.length <= 50_000);
  assert.equal(list.at(-1)?.place, "10.0.0.1:60000");
  assert.equal(connections.takeFresh().length, 10_000);
});
