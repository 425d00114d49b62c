import assert from "node:assert/strict";
import { test } from "node:test";
import { httpHost } from "../../../src/tcp/matchers/http-host.ts";
import { redisCommand } from "../../../src/tcp/matchers/redis-command.ts";
import { sshBanner } from "../../../src/tcp/matchers/ssh-banner.ts";
import { absent, captureBytes } from "../real-client.ts";
import { assertMatches, assertNoMatch } from "./match-checks.ts";

test("reads the host of a request of curl", { skip: absent("curl") }, async (t) => {
  const args = (port: number): string[] => [
    "-s",
    "-m",
    "5",
    "-H",
    "Host: Shop.Example:8080",
    `http://127.0.0.1:${port}/x`,
  ];
  assertMatches(
    httpHost,
    await captureBytes(t, "curl", args, (sent) => sent.includes("\r\n\r\n")),
    "shop.example",
  );
});

test("reads the host of a request in absolute form, and of one with an IPv6 address", () => {
  assertMatches(
    httpHost,
    Buffer.from("GET http://A.example/x HTTP/1.1\r\nHost: b.example\r\n\r\n"),
    "a.example",
  );
  assertMatches(httpHost, Buffer.from("GET / HTTP/1.0\r\nA: b\r\nhost:[::1]:80\r\n\r\n"), "::1");
});

test("the dot of an absolute name says nothing about which host is meant", () => {
  for (const host of ["A.example.", "a.example.:80", "a.example:"])
    assertMatches(httpHost, Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`), "a.example");
  assertMatches(
    httpHost,
    Buffer.from("GET http://a.example./ HTTP/1.1\r\nHost: b\r\n\r\n"),
    "a.example",
  );
  assert.equal(httpHost(Buffer.from("GET / HTTP/1.1\r\nHost: .\r\n\r\n")), null);
});

test("refuses what is not an HTTP/1.x request with exactly one host", () => {
  for (const bytes of [
    "\x16\x03\x01",
    "GET  / HTTP/1.1\r\n",
    "GET / HTTP/2.0\r\n",
    "GET / HTTP/1.1\n",
    "GET /\x01 HTTP/1.1\r\n",
    "PRI * HTTP/2.0\r\n\r\n",
    "SSH-2.0-OpenSSH\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
    "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\n\n",
    "X".repeat(40),
  ])
    assertNoMatch(httpHost, bytes);
  assert.equal(httpHost(Buffer.from("\x05")), null);
});

test("reads a command of redis-cli", { skip: absent("redis-cli") }, async (t) => {
  const args = (port: number): string[] => [
    "-h",
    "127.0.0.1",
    "-p",
    String(port),
    "set",
    "key",
    "välue",
  ];
  const bytes = await captureBytes(
    t,
    "redis-cli",
    args,
    (sent) => redisCommand(sent) !== undefined,
  );
  const command = redisCommand(bytes);
  assertMatches(
    redisCommand,
    bytes.subarray(0, command?.length ?? 0),
    command ?? { name: "", args: [], length: 0 },
  );
  assert.deepEqual([command?.name, command?.args], ["SET", ["key", "välue"]]);
});

test("reads the AUTH with which redis-cli begins", { skip: absent("redis-cli") }, async (t) => {
  const args = (port: number): string[] => [
    "-h",
    "127.0.0.1",
    "-p",
    String(port),
    "--no-auth-warning",
    "--user",
    "ann",
    "--pass",
    "secret",
    "ping",
  ];
  const command = redisCommand(
    await captureBytes(t, "redis-cli", args, (sent) => redisCommand(sent) !== undefined),
  );
  assert.deepEqual([command?.name, command?.args], ["AUTH", ["ann", "secret"]]);
});

test("reads a command in the inline form", () => {
  assertMatches(redisCommand, Buffer.from("get  a b\r\n"), {
    name: "GET",
    args: ["a", "b"],
    length: 10,
  });
});

test("refuses what is not a Redis command", () => {
  for (const bytes of [
    "*0\r\n",
    "*x",
    "*1\r\n+",
    "*1\n",
    "*1\r\n$3\r\nabcd",
    "*1\r\n$1\r\n\x01\r\n",
    "\x16",
    "a\0",
    "*1\r\n$99999999999\r\n",
    "*\r\n",
  ])
    assertNoMatch(redisCommand, bytes);
});

test("reads the line with which ssh introduces itself", { skip: absent("ssh") }, async (t) => {
  const options = [
    "-o",
    "BatchMode=yes",
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-F",
    "none",
  ];
  const args = (port: number): string[] => [
    ...options,
    "-p",
    String(port),
    "ann@127.0.0.1",
    "true",
  ];
  const bytes = await captureBytes(t, "ssh", args, (sent) => sshBanner(sent) !== undefined);
  const end = bytes.indexOf("\n") + 1;
  const [, software, comment] =
    /^SSH-2\.0-(\S+)(?: (.*))?\r\n$/.exec(bytes.subarray(0, end).toString()) ?? [];
  assert.match(software ?? "", /^OpenSSH/);
  assertMatches(sshBanner, bytes.subarray(0, end), {
    protocol: "2.0",
    software: software ?? "",
    comment,
    length: end,
  });
});

test("reads a banner with a comment, and refuses what is none", () => {
  assertMatches(sshBanner, Buffer.from("SSH-1.99-x_1 a b\n"), {
    protocol: "1.99",
    software: "x_1",
    comment: "a b",
    length: 17,
  });
  for (const bytes of [
    "SSX",
    "SSH-2.0\r\n",
    "SSH-2.0-\r\n",
    "SSH-2.0-a\x01",
    `SSH-2.0-${"x".repeat(260)}`,
    "SSH-a-b\r\n",
  ])
    assertNoMatch(sshBanner, bytes);
});
