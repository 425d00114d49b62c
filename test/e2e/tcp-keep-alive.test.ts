import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { after } from "node:test";
import { connect as connectTls } from "node:tls";
import { makeSelfSigned, writeIdentity } from "../support/certificates.ts";
import { startConfiguredProxy } from "../support/proxy-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";

const folder = await makeTempDir("keep-alive");
const identity = await makeSelfSigned();
const files = await writeIdentity(folder.path, "server", identity);
const origin = await startOrigin();
const tlsOrigin = await startOrigin({ tls: { cert: identity.certPem, key: identity.keyPem } });
after(async () => {
  await origin.close();
  await tlsOrigin.close();
  await folder.remove();
});

/** A TCP socket's timers by its two ports, as the kernel of Linux tells them. */
async function timerOf(localPort: number, remotePort: number): Promise<string> {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, "0");
  const pair = new RegExp(
    `^ *\\d+: \\w+:${hex(localPort)} \\w+:${hex(remotePort)} 01 \\S+ (\\w\\w):`,
    "m",
  );
  return pair.exec(await readFile("/proc/net/tcp", "latin1"))?.[1] ?? "";
}
/** `tcp_diag` and `/proc/net/tcp` number the timers: 02 is keep-alive, 00 none. */
const keepAliveTimer = "02";

interface Sides {
  readonly isTls: boolean;
  readonly keys: string;
  readonly timer: string;
}

testVariants<Sides>(
  "asks silent peers on both sides whether they are still there",
  {
    "in clear text": { isTls: false, keys: "", timer: keepAliveTimer },
    "with TLS": { isTls: true, keys: "", timer: keepAliveTimer },
    "not where it is turned off": { isTls: false, keys: "keep_alive: 0", timer: "00" },
  },
  async ({ isTls, keys, timer }) => {
    // What the kernel does is visible on Linux only.
    if (process.platform !== "linux") return;
    const port = isTls ? tlsOrigin.port : origin.port;
    const file = folder.file(`${isTls}${keys === ""}.yaml`);
    await writeFile(
      file,
      `
listeners:
  - name: es
    bind: 127.0.0.1:0
    ${isTls ? `tls: {cert: ${files.cert}, key: ${files.key}}` : ""}
    ${keys}
    routes: [{path: /, pool: es, audit: {level: none}}]
pools:
  es:
    endpoints: ["${isTls ? "https" : "http"}://127.0.0.1:${port}"]
    tls: {verify: false}
    ${keys}
`,
    );
    await using proxy = await startConfiguredProxy(file);
    const place = { host: "127.0.0.1", port: proxy.port };
    const socket: Socket = isTls
      ? connectTls({ ...place, rejectUnauthorized: false })
      : connect(place);
    await once(socket, isTls ? "secureConnect" : "connect");
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
    const { localPort } = socket;
    const server = isTls ? tlsOrigin : origin;
    const upstream = server.connections.find(({ isClosed }) => !isClosed)?.socket.remotePort;
    assert.ok(localPort !== undefined && upstream !== undefined);
    // A timer of the last bytes may still run for a moment.
    const sides = async (): Promise<string[]> => [
      await timerOf(proxy.port, localPort),
      await timerOf(upstream, port),
    ];
    await waitFor("timers", async () => (await sides()).every((one) => one === timer));
    socket.destroy();
  },
);
