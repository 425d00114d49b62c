/**
 * Micro-benchmark: CPU time of recording large bodies, all threads, to the end of the trail.
 *
 * Usage: node stress/micro/audit-bodies.ts [bodies=600]
 *
 * Passes answers in pieces of 64 KiB through their taps, eight in a turn, each with bytes of its
 * own, and prints microseconds of CPU per body, what SHA-256 alone takes of that, and what share of
 * the bytes is on the disk. Least of three rounds.
 */
import { hash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, cpuUsage, stdout } from "node:process";
import { setImmediate } from "node:timers/promises";

import {
  connectionFacts,
  ExchangeRecord,
  routeFacts,
} from "../../src/audit/record/exchange-record.ts";
import { AuditTrail } from "../../src/audit/trail/audit-trail.ts";
import { SystemClock } from "../../src/core/clock.ts";

const bodies = Number(argv[2] ?? 600);
const rounds = 3;
const perTurn = 8;
const pieceBytes = 65_536;
const silent = (): void => undefined;
const clock = new SystemClock();
const route = routeFacts({ name: "/", pool: "p", level: "full", onFailure: "continue" });
const connection = connectionFacts({
  listener: "es",
  peerAddress: "127.0.0.1",
  peerPort: 40_000,
  localAddress: "127.0.0.1",
  localPort: 9200,
  tls: undefined,
});

/** One hit again and again, as the benchmark of whole requests has it. */
function uniform(bytes: number): Buffer {
  return Buffer.alloc(bytes, '{"_index":"idx","_id":"4711","_score":1.5,"name":"alice"},');
}

/** Hits of a log index, no two alike; zstd makes them a fifth. */
function varied(bytes: number): Buffer {
  const words = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do tempor".split(" ");
  let seed = 1;
  const next = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
  let text = "";
  while (text.length < bytes) {
    const message = Array.from({ length: 12 }, () => words[next() % words.length]).join(" ");
    text +=
      `{"_index":"logs-${next() % 30}","_id":"${next().toString(36)}${next().toString(36)}",` +
      `"_source":{"@timestamp":"2026-11-23T04:${next() % 60}:${next() % 60}Z","message":` +
      `"${message}","host":{"name":"web-${next() % 40}"},"bytes":${next()}}},`;
  }
  return Buffer.from(text.slice(0, bytes), "latin1");
}

async function record(body: Buffer): Promise<{ microseconds: number; share: number }> {
  const directory = mkdtempSync(join(tmpdir(), "audit-bodies-"));
  const trail = AuditTrail.open({
    directory,
    format: "ecs",
    durability: "written",
    onFailure: "continue",
    bodies: "strict",
    inlineBodyBytes: 16_384,
    storesBodies: true,
    rotateBytes: 0,
    queueBytes: 8_388_608,
    clock,
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  const before = cpuUsage();
  for (let at = 0; at < bodies; at += perTurn) {
    for (let index = 0; index < perTurn; index += 1) {
      body.writeUInt32LE(at + index, 0);
      pass(trail, body);
    }
    await setImmediate();
  }
  await trail.close();
  const used = cpuUsage(before);
  const stored = readdirSync(directory).filter((name) => name.endsWith(".pack"));
  const bytes = stored.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
  rmSync(directory, { recursive: true });
  return {
    microseconds: (used.user + used.system) / bodies,
    share: bytes / bodies / body.length,
  };
}

function pass(trail: AuditTrail, body: Buffer): void {
  const exchange = new ExchangeRecord(connection);
  exchange.startedMs = clock.now();
  exchange.route = route;
  exchange.method = "GET";
  exchange.target = "/idx/_search";
  trail.request(exchange, undefined);
  exchange.status = 200;
  const tap = trail.tapResponse(exchange);
  for (let at = 0; at < body.length; at += pieceBytes)
    tap.write(body, at, Math.min(at + pieceBytes, body.length));
  tap.finish(true);
  trail.response(exchange, undefined);
}

function hashOnly(body: Buffer): number {
  const before = cpuUsage();
  for (let at = 0; at < bodies; at += 1) hash("sha256", body);
  const used = cpuUsage(before);
  return (used.user + used.system) / bodies;
}

for (const size of [65_536, 262_144])
  for (const [kind, body] of [
    ["uniform JSON", uniform(size)],
    ["varied JSON", varied(size)],
    ["random", randomBytes(size)],
  ] as const) {
    let least = { microseconds: Infinity, share: 0 };
    let hashing = Infinity;
    for (let round = 0; round < rounds; round += 1) {
      const figures = await record(body);
      if (figures.microseconds < least.microseconds) least = figures;
      hashing = Math.min(hashing, hashOnly(body));
    }
    stdout.write(
      `${String(size / 1024).padStart(4)} KiB ${kind.padEnd(13)}` +
        `${least.microseconds.toFixed(0).padStart(5)} µs of CPU per body, ` +
        `SHA-256 alone ${hashing.toFixed(0)} µs; ${(100 * least.share).toFixed(1)} % on the disk\n`,
    );
  }
