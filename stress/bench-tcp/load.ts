import { connect, type Socket } from "node:net";
import { tickBytes } from "./tick.ts";

/** What a run of load has done. */
export interface LoadResult {
  /** Exchanges, connections, or bytes: the unit of the scenario. */
  readonly units: number;
  readonly milliseconds: number;
}

/** A kind of load: `units` of it are run against a port. */
export type Load = (port: number, units: number) => Promise<LoadResult>;

/**
 * Kept connections, each sending 100 bytes when the answer to the last 100 has come. Unit:
 * exchange.
 */
export const exchanges: Load = async (port, units) => {
  const sockets = await openAll(port, 64);
  const result = await measured(units, (left) => {
    for (const socket of sockets) pingPong(socket, left);
  });
  for (const socket of sockets) socket.destroy();
  return result;
};

/** A connection for each exchange of 100 bytes, 32 at a time. Unit: connection. */
export const connections: Load = (port, units) =>
  measured(units, (left) => {
    for (let at = 0; at < 32; at += 1) shortConnection(port, left);
  });

/** Four connections take as many bytes as come. Unit: byte. */
export const bulk: Load = async (port, units) => {
  const sockets = await openAll(port, 4);
  const result = await measured(units, (left) => {
    for (const socket of sockets) {
      socket.on("data", (chunk) => left.took(chunk.length));
      socket.write("b");
    }
  });
  for (const socket of sockets) socket.destroy();
  return result;
};

/** Four connections send as many bytes as are taken. Unit: byte. */
export const upload: Load = async (port, units) => {
  const sockets = await openAll(port, 4);
  const result = await measured(units, (left) => {
    for (const socket of sockets) {
      const fill = (): void => {
        while (socket.writable && socket.write(block));
      };
      socket.on("drain", fill);
      socket.on("data", (ticks) => left.took(ticks.length * tickBytes));
      socket.write("u");
      fill();
    }
  });
  for (const socket of sockets) socket.destroy();
  return result;
};

interface Remaining {
  /** Whether another one may be begun. */
  readonly begin: () => boolean;
  readonly took: (units: number) => void;
  readonly fail: (error: Error) => void;
}

function measured(units: number, run: (left: Remaining) => void): Promise<LoadResult> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadResult>();
  const started = performance.now();
  let begun = 0;
  let done = 0;
  run({
    begin: () => begun++ < units,
    took: (count) => {
      done += count;
      if (done >= units) resolve({ units: done, milliseconds: performance.now() - started });
    },
    fail: reject,
  });
  return promise;
}

function pingPong(socket: Socket, left: Remaining): void {
  let received = 0;
  const next = (): void => {
    if (left.begin()) socket.write(message);
  };
  socket.on("data", (chunk) => {
    received += chunk.length;
    if (received < message.length) return;
    received = 0;
    left.took(1);
    next();
  });
  next();
}

function shortConnection(port: number, left: Remaining): void {
  if (!left.begin()) return;
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let received = 0;
  socket.on("error", left.fail);
  socket.on("data", (chunk) => {
    received += chunk.length;
    if (received === message.length) socket.end();
  });
  socket.on("close", () => {
    left.took(1);
    shortConnection(port, left);
  });
  socket.write(message);
}

function openAll(port: number, count: number): Promise<Socket[]> {
  const opened = Array.from({ length: count }, () => {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(socket));
    socket.on("error", reject);
    return promise;
  });
  return Promise.all(opened);
}

const block = Buffer.alloc(256 * 1024, 0x62);
const message = Buffer.alloc(100, 0x65);
