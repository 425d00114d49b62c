import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { StatusSet } from "../../src/core/status-set.ts";
import { Endpoint } from "../../src/upstream/endpoint.ts";
import { createProbe } from "../../src/upstream/health-probe.ts";
import type { ProbeOptions } from "../../src/upstream/health-probe.ts";
import { makeAuthority } from "../support/certificates.ts";
import { refusedPort } from "../support/ports.ts";
import { makeTempDir } from "../support/temp-dir.ts";

const base: ProbeOptions = {
  path: "/_cluster/health",
  statuses: new StatusSet([{ from: 200, to: 299 }]),
  authorizationFile: undefined,
  hostHeader: undefined,
  dial: { connectMs: 1000, tcpKeepAliveMs: 60_000, tlsIdentity: undefined, preface: undefined },
};

function endpoint(parts: { port?: number; path?: string; isTls?: boolean }): Endpoint {
  const { port = 0, path, isTls = false } = parts;
  return new Endpoint({
    url: "test",
    isTls,
    host: path === undefined ? "127.0.0.1" : "",
    port,
    path,
    authority: path === undefined ? `127.0.0.1:${port}` : "localhost",
    weight: 1,
  });
}

async function listening<T extends Server>(
  server: T,
  place: { path: string } | { port: number; host: string } = { port: 0, host: "127.0.0.1" },
): Promise<T> {
  server.listen(place);
  await once(server, "listening");
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function probe(
  options: Partial<ProbeOptions>,
  target: Endpoint,
  timeoutMs = 5000,
): Promise<string | undefined> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  try {
    return await (
      await createProbe({ ...base, ...options })
    )(target, abort.signal, true);
  } finally {
    clearTimeout(timer);
  }
}

async function withHttp(
  listener: RequestListener,
  body: (port: number) => Promise<void>,
): Promise<void> {
  const server = await listening(createHttpServer(listener));
  try {
    await body(portOf(server));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("a probe asks for its path and judges by the status", async () => {
  const seen: string[] = [];
  await withHttp(
    (request, response) => {
      seen.push(
        `${request.method} ${request.url} ${request.headers.host} ${request.headers["user-agent"]}`,
      );
      response.statusCode = seen.length === 1 ? 200 : 503;
      response.end("x".repeat(100_000));
    },
    async (port) => {
      assert.equal(await probe({}, endpoint({ port })), "");
      assert.equal(await probe({ hostHeader: "es.internal" }, endpoint({ port })), "status 503");
      assert.deepEqual(seen, [
        `GET /_cluster/health 127.0.0.1:${port} es-proxy-health-check`,
        "GET /_cluster/health es.internal es-proxy-health-check",
      ]);
    },
  );
});

test("a probe sends the Authorization that stands in its file at that time", async () => {
  await using folder = await makeTempDir("probe");
  const authorizationFile = folder.file("authorization");
  const seen: unknown[] = [];
  await withHttp(
    (request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    },
    async (port) => {
      for (const value of ["ApiKey one\n", "ApiKey two"]) {
        await writeFile(authorizationFile, value);
        assert.equal(await probe({ authorizationFile }, endpoint({ port })), "");
      }
      assert.deepEqual(seen, ["ApiKey one", "ApiKey two"]);
      assert.equal(
        await probe({ authorizationFile: folder.file("absent") }, endpoint({ port })),
        "ENOENT",
      );
    },
  );
});

test("an endpoint that refuses, breaks off or does not answer is not good", async () => {
  assert.equal(await probe({}, endpoint({ port: refusedPort })), "ECONNREFUSED");
  await withHttp(
    (request) => request.socket.destroy(),
    async (port) => assert.match((await probe({}, endpoint({ port }))) ?? "", /\S/),
  );
  await withHttp(
    () => {},
    async (port) => assert.equal(await probe({}, endpoint({ port }), 100), "no answer in time"),
  );
});

test("without a path a connection is enough", async () => {
  const server = await listening(createTcpServer((socket) => socket.on("error", () => {})));
  assert.equal(await probe({ path: undefined }, endpoint({ port: portOf(server) })), "");
  server.close();
  assert.equal(await probe({ path: undefined }, endpoint({ port: refusedPort })), "ECONNREFUSED");
});

test("a probe reaches a unix socket", async () => {
  await using folder = await makeTempDir("probe");
  const path = folder.file("es.sock");
  const server = await listening(
    createHttpServer((_request, response) => void response.end()),
    { path },
  );
  assert.equal(await probe({}, endpoint({ path })), "");
  server.closeAllConnections();
  server.close();
});

test("a probe speaks TLS with the identity of its pool, and refuses what that refuses", async () => {
  const [authority, stranger] = [await makeAuthority(), await makeAuthority("Stranger")];
  const identity = await authority.server();
  const client = await authority.client();
  const seen: boolean[] = [];
  const server = createHttpsServer(
    {
      cert: identity.certPem,
      key: identity.keyPem,
      ca: authority.certPem,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      seen.push("authorized" in request.socket && request.socket.authorized === true);
      response.end();
    },
  );
  await listening(server);
  const target = endpoint({ port: portOf(server), isTls: true });
  const tls = (ca: string, isVerified = true): Partial<ProbeOptions> => {
    const secureContext = createSecureContext({ ca, cert: client.certPem, key: client.keyPem });
    return {
      dial: {
        ...base.dial,
        tlsIdentity: () => ({ secureContext, serverName: undefined, isVerified }),
      },
    };
  };
  assert.equal(await probe(tls(authority.certPem), target), "");
  assert.deepEqual(seen, [true]);
  assert.match((await probe(tls(stranger.certPem), target)) ?? "", /SELF_SIGNED|UNABLE_TO_VERIFY/);
  assert.equal(await probe(tls(stranger.certPem, false), target), "");
  assert.equal(
    await probe({ ...tls(authority.certPem), path: undefined }, target),
    "",
    "the handshake alone",
  );
  server.closeAllConnections();
  server.close();
});
