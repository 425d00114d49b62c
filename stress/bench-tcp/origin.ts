import { createServer } from "node:net";
import { tickBytes } from "./tick.ts";

/**
 * The server behind the proxies, a process of its own. The first byte of a connection says what it
 * does: `e` echoes each chunk; `b` sends bytes as fast as they are taken until the client leaves;
 * `u` takes what comes and answers a byte for each MiB. Prints `listening on 127.0.0.1:PORT`.
 */
const block = Buffer.alloc(256 * 1024, 0x62);

const server = createServer({ noDelay: true }, (socket) => {
  let mode = 0;
  let taken = 0;
  const fill = (): void => {
    while (socket.writable && socket.write(block));
  };
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    if (mode === 0) mode = chunk[0] ?? 0;
    if (mode === upload) {
      const before = Math.floor(taken / tickBytes);
      taken += chunk.length;
      const ticks = Math.floor(taken / tickBytes) - before;
      if (ticks > 0) socket.write(".".repeat(ticks));
      return;
    }
    if (mode !== bulk) {
      socket.write(chunk);
      return;
    }
    socket.on("drain", fill);
    fill();
  });
});

const bulk = "b".charCodeAt(0);
const upload = "u".charCodeAt(0);

server.listen(0, "127.0.0.1", 4096, () => {
  const address = server.address();
  console.log(
    `listening on 127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
  );
});
