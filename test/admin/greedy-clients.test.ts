import assert from "node:assert/strict";
import { once } from "node:events";
import * as net from "node:net";
import test from "node:test";
import { connectRaw } from "../support/raw-client.ts";
import { waitFor } from "../support/wait-for.ts";
import { open } from "./admin-fixture.ts";

test("half-open connections cannot lock the operator out", async () => {
  await using opened = await open();
  const sockets = Array.from({ length: 200 }, () => {
    const socket = net.connect(opened.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
    return socket;
  });
  try {
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    for (let count = 0; count < 5; count += 1)
      assert.equal((await opened.ask("GET", "/livez")).status, 200);
    await waitFor(
      "the oldest ones to be closed",
      () => sockets.filter((socket) => socket.destroyed || socket.readableEnded).length >= 100,
    );
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test("requests that do not wait for the answer before them are not served", async () => {
  await using opened = await open();
  let reports = 0;
  const { current } = opened.source;
  opened.source.report = async () => {
    reports += 1;
    return current;
  };
  using client = await connectRaw({ port: opened.port });
  const count = 500;
  const requests = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(count);
  client.send(requests, ...Array.from({ length: count }, () => "GET"));
  const { head } = await client.response();
  assert.equal(head.status, 200);
  assert.ok(head.fields.some(([name, value]) => `${name}: ${value}` === "connection: close"));
  assert.equal(await client.closed(), "fin");
  assert.equal(client.finals.length, 1);
  assert.equal(reports, 1);
  // One after the other they all are.
  using patient = await connectRaw({ port: opened.port });
  for (const number of [1, 2, 3]) {
    patient.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET");
    assert.equal((await patient.response(number)).head.status, 200);
  }
});

test("requests that hang cannot lock the operator out", async (t) => {
  await using opened = await open();
  let reports = 0;
  opened.source.report = () => {
    reports += 1;
    return new Promise(() => {});
  };
  const hanging = await Promise.all(
    Array.from({ length: 64 }, () => connectRaw({ port: opened.port })),
  );
  t.after(() => hanging.forEach((client) => client.destroy()));
  for (const client of hanging)
    client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET");
  await waitFor("all to be asked", () => reports === hanging.length);
  for (let count = 0; count < 5; count += 1)
    assert.equal((await opened.ask("GET", "/livez")).status, 200);
});
