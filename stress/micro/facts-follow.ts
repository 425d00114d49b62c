/**
 * Micro-benchmark: what the follower pays for the facts of an exchange with bodies of 300 bytes.
 *
 * Usage: node stress/micro/facts-follow.ts [exchanges=50000] [rounds=3] [mixed|same|form|all]
 *
 * Writes a trail with the proxy's own writer, always the same one, and replays it to the follower
 * of facts in processes of their own that do nothing else: no socket, no timer, no load. Prints the
 * CPU time of all threads of such a process for each exchange, the best of the rounds, when the
 * code is compiled. `mixed`: searches, reads by id, bulks, single writes, all with values of their
 * own; `same`: one search over and over; `form`: the one of `make bench`, with other values in it
 * each time.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import process, { argv, cpuUsage, stdout } from "node:process";

import { FactsFollower } from "../../src/audit/follow/facts-follower.ts";
import { type MadeExchange, writeExchanges } from "./made-trail.ts";

const replayMark = "--replay";

async function main(): Promise<void> {
  const count = Number(argv[2] ?? 50_000);
  const rounds = Number(argv[3] ?? 3);
  const wanted = argv[4] ?? "all";
  const folder = mkdtempSync(join(tmpdir(), "es-proxy-facts-"));
  try {
    for (const [name, make] of Object.entries({ mixed, same, form })) {
      if (wanted !== "all" && wanted !== name) continue;
      const made = join(folder, name);
      await writeExchanges(made, count, make);
      let best = Infinity;
      for (let round = 0; round < rounds; round += 1) {
        const directory = join(folder, `${name}-${round}`);
        cpSync(made, directory, { recursive: true });
        best = Math.min(best, await replayed(directory));
        rmSync(directory, { recursive: true });
      }
      const each = (best / count).toFixed(2);
      stdout.write(`${name.padEnd(8)}${each.padStart(8)} µs of CPU for each exchange\n`);
    }
    stdout.write(`load of the machine: ${loadavg()[0]?.toFixed(1)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Microseconds of CPU that a process took for all facts of a directory. */
async function replayed(directory: string): Promise<number> {
  const child = fork(import.meta.filename, [replayMark, directory]);
  const exited = once(child, "exit");
  const [message] = await once(child, "message");
  await exited;
  return Number(message);
}

/** Derives all facts twice; the second time counts, when everything is compiled. */
async function replay(directory: string): Promise<void> {
  const twin = `${directory}-twin`;
  cpSync(directory, twin, { recursive: true });
  await derive(twin);
  rmSync(twin, { recursive: true });
  const before = cpuUsage();
  await derive(directory);
  const { user, system } = cpuUsage(before);
  process.send?.(user + system);
}

async function derive(directory: string): Promise<void> {
  const follower = new FactsFollower({ directory, watch: [] }, ({ kind, ...rest }) => {
    throw new Error(`${kind}: ${JSON.stringify(rest)}`);
  });
  await follower.finish(Infinity);
}

const title = "the quick brown fox jumps over the lazy dog and runs away ";

/** Of a hundred exchanges: 55 searches, 15 reads by id, 15 bulks, 10 writes, 5 of the cluster. */
function mixed(at: number): MadeExchange {
  const part = at % 100;
  const index = `logs-app-${at % 40}`;
  const id = `AVk8fj39xyz${(at * 7919).toString(36)}`;
  const source = { "@timestamp": "2026-11-29T08:15:02.113Z", user: `u${at % 500}`, n: at };
  const shards = { total: 1, successful: 1, skipped: 0, failed: 0 };
  if (part < 55) {
    const filter = [
      { term: { "user.name": `u${at}` } },
      { range: { "@timestamp": { gte: `now-${at % 90}d`, lt: "now" } } },
    ];
    const must = [{ match: { message: title.slice(0, 20 + (at % 30)) } }];
    const hit = { _index: index, _id: id, _score: 1.5, _source: { ...source, title } };
    const hits = { total: { value: at % 9000, relation: "eq" }, max_score: 1.5, hits: [hit] };
    return {
      method: "POST",
      target: `/${index}/_search`,
      request: { size: 10, query: { bool: { filter, must } }, sort: [{ "@timestamp": "desc" }] },
      status: 200,
      answer: { took: at % 50, timed_out: false, _shards: shards, hits },
    };
  }
  if (part < 70)
    return {
      method: "GET",
      target: `/${index}/_doc/${id}`,
      request: undefined,
      status: 200,
      answer: {
        _index: index,
        _id: id,
        _version: 3,
        _seq_no: at,
        _primary_term: 1,
        found: true,
        _source: { ...source, title: title.repeat(2) },
      },
    };
  const written = {
    _index: index,
    _id: id,
    _version: 1,
    result: "created",
    _shards: shards,
    _seq_no: at,
    _primary_term: 1,
  };
  if (part < 85)
    return {
      method: "POST",
      target: "/_bulk",
      request: [{ index: { _index: index, _id: id } }, { ...source, title: title.repeat(3) }],
      status: 200,
      answer: { errors: false, took: at % 30, items: [{ index: { ...written, status: 201 } }] },
    };
  if (part < 95)
    return {
      method: "PUT",
      target: `/${index}/_doc/${id}`,
      request: { ...source, title: title.repeat(3) },
      status: 201,
      answer: written,
    };
  return {
    method: "GET",
    target: "/_cluster/health",
    request: undefined,
    status: 200,
    answer: { cluster_name: "es", status: "green", timed_out: false, number_of_nodes: 3 },
  };
}

/** One search of 300 bytes over and over, with one answer. */
function same(): MadeExchange {
  return mixed(7);
}

/** `search` of `make bench`: request and answer of 300 bytes, each with a number of its own. */
function form(at: number): MadeExchange {
  const hits: unknown[] = Array.from({ length: 4 }, () => ({
    _index: "idx",
    _id: "4711",
    _score: 1.5,
    name: "alice",
  }));
  hits.push({ pad: `${String(at).padStart(12, "0")}${"x".repeat(24)}` });
  const body = { took: 3, hits };
  return { method: "POST", target: "/idx/_search", request: body, status: 200, answer: body };
}

if (argv[2] === replayMark) await replay(argv[3] ?? "");
else await main();
