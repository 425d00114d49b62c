import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  listeningPort,
  startProgram,
  startScript,
  stopAllChildren,
  stopChild,
} from "../bench/child.ts";
import { processTree, residentBytes } from "../bench/cpu-time.ts";

/**
 * Resident memory of the TCP router per open connection: `node stress/bench-tcp/open-connections.ts
 * [CONNECTIONS]`, default 10,000. Every connection is decided, spliced to the origin and has passed
 * 100 bytes both ways; then all stay open. It needs `ulimit -n` above twice the number.
 */
const wanted = Number(process.argv[2] ?? 10_000);
const message = Buffer.alloc(100, 0x65);

async function open(port: number, sockets: Socket[], count: number): Promise<void> {
  const batch = Array.from({ length: count }, () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect({ port, host: "127.0.0.1" });
    let received = 0;
    socket.on("error", reject);
    socket.on("close", () =>
      reject(new Error("a connection was closed: is `ulimit -n` above twice the number?")),
    );
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (received === message.length) resolve();
    });
    socket.write(message);
    sockets.push(socket);
    return promise;
  });
  await Promise.all(batch);
}

try {
  const origin = await startProgram(process.execPath, [
    fileURLToPath(new URL("origin.ts", import.meta.url)),
  ]);
  const proxy = await startScript(fileURLToPath(new URL("proxy.ts", import.meta.url)), [
    String(await listeningPort(origin, "the origin")),
  ]);
  const port = await listeningPort(proxy, "es-proxy");
  const pids = processTree(proxy.pid);
  const sockets: Socket[] = [];
  await open(port, sockets, 100);
  await sleep(500);
  const base = residentBytes(pids);
  console.log(`${sockets.length} open: resident ${(base / 1e6).toFixed(1)} MB`);
  for (let quarter = 1; quarter <= 4; quarter += 1) {
    while (sockets.length < (wanted * quarter) / 4)
      await open(port, sockets, Math.min(100, (wanted * quarter) / 4 - sockets.length));
    await sleep(500);
    const resident = residentBytes(pids);
    const each = (resident - base) / (sockets.length - 100) / 1024;
    console.log(
      `${sockets.length} open: resident ${(resident / 1e6).toFixed(1)} MB, ${each.toFixed(1)} KiB a connection`,
    );
  }
  for (const socket of sockets) socket.destroy();
  await stopChild(proxy);
  await stopChild(origin);
} finally {
  stopAllChildren();
}
