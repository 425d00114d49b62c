/**
 * The slow clients, a process of their own: each message opens sockets of one kind, and is answered
 * with one report when all of them are gone.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { constants, setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import type { Attack, AttackKind, AttackReport } from "./messages.ts";

/** A thousand a second: it is about what they do afterwards, not about a flood of connections. */
const batch = 20;
// They stand for other computers, which take no time of this one.
setPriority(constants.priority.PRIORITY_LOW);

/** What one of them does. */
interface Behaviour {
  readonly opening: string;
  /** Goes on with a byte now and then. */
  readonly trickles?: boolean;
  /** Reads the status of its answer and nothing more. */
  readonly stalls?: boolean;
}

const behaviours: Readonly<Record<Exclude<AttackKind, "handshake">, Behaviour>> = {
  upload: {
    opening: "POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx",
    trickles: true,
  },
  download: { opening: "GET /big HTTP/1.1\r\nHost: x\r\n\r\n", stalls: true },
  head: { opening: "GET / HTTP/1.1\r\nHost: x\r\nX: ", trickles: true },
  pipeline: {
    opening: "GET /logs/_doc/1 HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200),
    stalls: true,
  },
  tunnel: {
    opening: "GET /tunnel HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    stalls: true,
  },
  silent: { opening: "GET /silent HTTP/1.1\r\nHost: x\r\n\r\n" },
  idle: { opening: "" },
};

process.on("message", (attack: Attack) => {
  const { kind } = attack;
  const done = kind === "handshake" ? shakeHands(attack) : run(attack, behaviours[kind]);
  void done.then((report) => process.send?.(report));
});
process.on("disconnect", () => process.exit(0));

async function run(
  { count, port, localAddress, byteEveryMs, giveUpMs }: Attack,
  { opening, trickles = false, stalls = false }: Behaviour,
): Promise<AttackReport> {
  const lifetimes: number[] = [];
  let refused = 0;
  let turnedAway = 0;
  const ends: Promise<void>[] = [];
  const sockets: Socket[] = [];
  const stands = new Map<number, Standing>();
  let longestStillMs = 0;
  for (let opened = 0; opened < count; opened += batch) {
    for (let i = 0; i < Math.min(batch, count - opened); i += 1) {
      let startedMs = 0;
      let localPort = 0;
      let isServed = false;
      const socket = connect({
        host: "127.0.0.1",
        port,
        localAddress,
        // The status, and then nothing more.
        onread: {
          buffer: Buffer.alloc(12),
          callback: (length, buffer) => {
            if (trickles) return true;
            if (stalls) startedMs = performance.now();
            const status = Buffer.from(buffer).toString("latin1", 0, length).slice(9, 12);
            if (status !== "200" && status !== "101") {
              if (status === "503") turnedAway += 1;
              socket.destroy();
            } else if (stalls) {
              isServed = true;
              // Until now it waited for its turn.
              stands.delete(localPort);
            }
            return false;
          },
        },
      });
      sockets.push(socket);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(promise);
      socket.once("connect", () => {
        localPort = socket.localPort ?? 0;
        startedMs = performance.now();
        if (opening !== "") socket.write(opening);
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        const standing = stands.get(localPort);
        if (startedMs === 0) refused += 1;
        else lifetimes.push(performance.now() - startedMs);
        if (standing !== undefined && isServed)
          longestStillMs = Math.max(longestStillMs, performance.now() - standing.sinceMs);
        resolve();
      });
    }
    await sleep(20);
  }
  const trickle = setInterval(() => {
    for (const socket of sockets) if (trickles && socket.writable) socket.write("x");
  }, byteEveryMs);
  const look = setInterval(() => {
    const queues = sendQueues(port);
    for (const socket of sockets) {
      const { localPort } = socket;
      if (socket.destroyed || socket.pending || localPort === undefined) continue;
      const queue = queues.get(localPort);
      if (queue === undefined) socket.destroy();
      else if (stands.get(localPort)?.queue !== queue)
        stands.set(localPort, { queue, sinceMs: performance.now() });
    }
  }, 250);
  let leftAlone = 0;
  const giveUp = setTimeout(() => {
    for (const socket of sockets) {
      if (socket.destroyed) continue;
      leftAlone += 1;
      socket.destroy();
    }
  }, giveUpMs);
  await Promise.all(ends);
  clearTimeout(giveUp);
  clearInterval(trickle);
  clearInterval(look);
  return { refused, turnedAway, lastGoneMs: Math.max(0, ...lifetimes), longestStillMs, leftAlone };
}

/** TLS handshakes, all begun at once; each connection closes when its own is over. */
async function shakeHands({ count, port, localAddress }: Attack): Promise<AttackReport> {
  const startedMs = performance.now();
  let refused = 0;
  const ends = Array.from({ length: count }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const raw = connect({ host: "127.0.0.1", port, localAddress });
    const secure = connectTls({ socket: raw, rejectUnauthorized: false });
    secure.once("secureConnect", () => secure.end());
    secure.once("error", () => (refused += 1));
    secure.once("close", () => resolve());
    return promise;
  });
  await Promise.all(ends);
  const lastGoneMs = performance.now() - startedMs;
  return { refused, turnedAway: 0, lastGoneMs, longestStillMs: 0, leftAlone: 0 };
}

/** What the system keeps of an answer for a client that does not read, and since when. */
interface Standing {
  readonly queue: string;
  readonly sinceMs: number;
}

/**
 * The ports of the clients of `port`, with the bytes that the system keeps for each. A socket that
 * does not read, as those of downloads, is not told by Node.js that its connection has ended.
 */
function sendQueues(port: number): Map<number, string> {
  const queues = new Map<number, string>();
  for (const line of readFileSync("/proc/net/tcp", "latin1").split("\n")) {
    const [, local = "", remote = "", state, queue = ""] = line.trim().split(/\s+/u);
    if (state === "01" && Number.parseInt(local.slice(9), 16) === port)
      queues.set(Number.parseInt(remote.slice(9), 16), queue.slice(0, 8));
  }
  return queues;
}
