/**
 * The slow clients, a process of their own: each message opens sockets of one kind, and is answered
 * with one report when all of them are gone.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attack, AttackReport } from "./messages.ts";

/** A thousand a second: it is about what they do afterwards, not about a flood of connections. */
const batch = 20;

process.on("message", (attack: Attack) => {
  void run(attack).then((report) => process.send?.(report));
});
process.on("disconnect", () => process.exit(0));

async function run({
  kind,
  count,
  port,
  localAddress,
  byteEveryMs,
  giveUpMs,
}: Attack): Promise<AttackReport> {
  const lifetimes: number[] = [];
  let refused = 0;
  let turnedAway = 0;
  const ends: Promise<void>[] = [];
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += batch) {
    for (let i = 0; i < Math.min(batch, count - opened); i += 1) {
      let startedMs = 0;
      const socket = connect({
        host: "127.0.0.1",
        port,
        localAddress,
        // The status, and then nothing more.
        onread: {
          buffer: Buffer.alloc(12),
          callback: (length, buffer) => {
            if (kind === "upload") return true;
            startedMs = performance.now();
            if (!Buffer.from(buffer).toString("latin1", 0, length).endsWith(" 200")) {
              turnedAway += 1;
              socket.destroy();
            }
            return false;
          },
        },
      });
      sockets.push(socket);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends.push(promise);
      socket.once("connect", () => {
        startedMs = performance.now();
        socket.write(kind === "upload" ? upload : download);
      });
      socket.on("error", () => {});
      socket.on("close", () => {
        if (startedMs === 0) refused += 1;
        else lifetimes.push(performance.now() - startedMs);
        resolve();
      });
    }
    await sleep(20);
  }
  const trickle = setInterval(() => {
    for (const socket of sockets) if (kind === "upload" && socket.writable) socket.write("x");
  }, byteEveryMs);
  const look = setInterval(() => {
    const open = openPorts();
    for (const socket of sockets) {
      const { localPort } = socket;
      if (socket.destroyed || socket.pending || localPort === undefined) continue;
      if (!open.has(localPort)) socket.destroy();
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
  return { refused, turnedAway, lastGoneMs: Math.max(0, ...lifetimes), leftAlone };
}

/**
 * Local ports of established connections. A socket that does not read, as those of downloads, is
 * not told by Node.js that its connection has ended.
 */
function openPorts(): Set<number> {
  const ports = new Set<number>();
  for (const line of readFileSync("/proc/net/tcp", "latin1").split("\n")) {
    const [, local, , state] = line.trim().split(/\s+/u);
    if (state === "01" && local !== undefined) ports.add(Number.parseInt(local.slice(9), 16));
  }
  return ports;
}

const upload = "POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx";
const download = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n";
