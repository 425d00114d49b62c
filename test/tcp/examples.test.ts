import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { freePort } from "../support/ports.ts";
import { makeSelfSigned } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { absent, runProgram } from "./real-client.ts";
import { example, startCommand } from "./tcp-command.ts";
import { Client, startNamedServer, startServer } from "./tcp-fixture.ts";

async function startHttp(
  t: TestContext,
  answer: (path: string) => string | undefined,
): Promise<number> {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? "");
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test(
  "Git by owner: clones from the owner's own git daemon, and says when there is no such owner",
  { skip: absent("git") },
  async (t) => {
    const folder = await makeTempDir();
    t.after(() => folder.remove());
    const git = (...args: string[]): ReturnType<typeof runProgram> =>
      runProgram(t, "git", args, { cwd: folder.path });
    const identity = ["-c", "user.name=a", "-c", "user.email=a@example"];
    for (const owner of ["alice", "bob"]) {
      await git("init", "-q", `${owner}/site`);
      await git(
        "-C",
        `${owner}/site`,
        ...identity,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        `by ${owner}`,
      );
    }
    const owners: string[] = [];
    for (const owner of ["alice", "bob"]) {
      const port = await freePort();
      const remote = `127.0.0.1:${port}`;
      const daemon = spawn(
        "git",
        [
          "daemon",
          "--export-all",
          "--listen=127.0.0.1",
          `--port=${port}`,
          "--reuseaddr",
          `--base-path=${folder.path}`,
        ],
        { stdio: "ignore", detached: true },
      );
      const { pid } = daemon;
      // The daemon is a child of git's own: the whole group ends.
      t.after(() => pid !== undefined && process.kill(-pid, "SIGKILL"));
      owners.push(`${owner}=${remote}`);
    }
    const command = await startCommand(t, example("git-by-owner.ts"), { OWNERS: owners.join(",") });
    for (const owner of ["alice", "bob"]) {
      const cloned = await waitFor("the git daemon", async () => {
        const ran = await git(
          "clone",
          "-q",
          `git://127.0.0.1:${command.port}/${owner}/site`,
          `clone-${owner}`,
        );
        return ran.code === 0 ? ran : undefined;
      });
      assert.equal(cloned.code, 0);
      assert.match(
        (await git("-C", `clone-${owner}`, "log", "--format=%s")).stdout,
        new RegExp(`^by ${owner}`),
      );
    }
    const unknown = await git("ls-remote", `git://127.0.0.1:${command.port}/carol/site`);
    assert.match(unknown.stderr, /no such owner: carol/);
  },
);

test(
  "SOCKS 4 with an allow-list: curl reaches what it holds, by address and by name, and nothing else",
  { skip: absent("curl") },
  async (t) => {
    const allowed = await startHttp(t, () => "allowed");
    const other = await startHttp(t, () => "other");
    const command = await startCommand(t, example("socks4-allow-list.ts"), {
      ALLOW: `127.0.0.0/8:${allowed}`,
    });
    const curl = (option: string, url: string): ReturnType<typeof runProgram> =>
      runProgram(t, "curl", ["-s", "-m", "10", option, `127.0.0.1:${command.port}`, url]);
    assert.equal((await curl("--socks4", `http://127.0.0.1:${allowed}/`)).stdout, "allowed");
    assert.equal((await curl("--socks4a", `http://localhost:${allowed}/`)).stdout, "allowed");
    assert.equal((await curl("--socks4a", `http://0x7f.1:${allowed}/`)).stdout, "allowed");
    for (const url of [`http://127.0.0.1:${other}/`, `http://169.254.169.254:${allowed}/`]) {
      const { code, stdout } = await curl("--socks4a", url);
      assert.notEqual(code, 0);
      assert.equal(stdout, "");
    }
  },
);

test(
  "TLS by server name: each name reaches its own server, unknown names get an alert",
  { skip: absent("openssl") },
  async (t) => {
    const names: string[] = [];
    for (const name of ["a.example", "*.b.example"]) {
      const { certPem, keyPem } = await makeSelfSigned();
      const server = createTlsServer({ cert: certPem, key: keyPem }, (socket) => {
        socket.on("error", () => {});
        socket.end(`this is ${name}\n`);
      });
      server.on("tlsClientError", () => {});
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      t.after(() => server.close());
      names.push(`${name}=127.0.0.1:${(server.address() as AddressInfo).port}`);
    }
    const command = await startCommand(t, example("tls-server-name.ts"), {
      NAMES: names.join(","),
    });
    const openssl = (name: string): ReturnType<typeof runProgram> =>
      runProgram(t, "openssl", [
        "s_client",
        "-quiet",
        "-ign_eof",
        "-connect",
        `127.0.0.1:${command.port}`,
        "-servername",
        name,
      ]);
    assert.match((await openssl("a.example")).stdout, /this is a\.example/);
    assert.match((await openssl("www.b.example")).stdout, /this is \*\.b\.example/);
    assert.match((await openssl("c.example")).stderr, /unrecognized name|alert number 112/);
  },
);

test(
  "PostgreSQL by database: psql, asking for encryption first, reaches the database's server or reads the error",
  { skip: absent("psql") },
  async (t) => {
    const seen: string[] = [];
    const server = await startServer(t, (socket) =>
      socket.once("data", (bytes: Buffer) => {
        seen.push(bytes.toString("latin1"));
        const fields = Buffer.from("SFATAL\0C28000\0Mthis is the shop's server\0\0");
        const head = Buffer.from("E\0\0\0\0", "latin1");
        head.writeUInt32BE(4 + fields.length, 1);
        socket.end(Buffer.concat([head, fields]));
      }),
    );
    const command = await startCommand(t, example("postgres-by-database.ts"), {
      DATABASES: `shop=${server.remote}`,
    });
    const psql = (database: string): ReturnType<typeof runProgram> =>
      runProgram(t, "psql", [
        "-w",
        "-c",
        "select 1",
        `host=127.0.0.1 port=${command.port} dbname=${database} user=ann`,
      ]);
    assert.match((await psql("shop")).stderr, /this is the shop's server/);
    assert.equal(
      seen[0]?.slice(4, 17),
      "\0\x03\0\0user\0ann\0",
      "the startup message, without the request for encryption",
    );
    assert.match((await psql("crm")).stderr, /database "crm" is not known here/);
  },
);

test("asynchronous lookup over HTTP: connects where the answer says, and says when there is none", async (t) => {
  const server = await startNamedServer(t, "server");
  const asked: string[] = [];
  const lookup = await startHttp(t, (path) => {
    asked.push(path);
    return path === "/where/a%20b" ? server.remote : undefined;
  });
  const command = await startCommand(t, example("lookup-over-http.ts"), {
    LOOKUP: `http://127.0.0.1:${lookup}/where/`,
  });
  const place = { ...server, port: command.port };
  const known = await Client.connect(t, place);
  known.send("a b\npayload");
  assert.equal(await known.untilEnd(), "server:payload");
  const unknown = await Client.connect(t, place);
  unknown.send("zz\n");
  assert.equal(await unknown.untilEnd(), "nothing is known of zz\n");
  assert.deepEqual(asked, ["/where/a%20b", "/where/zz"]);
});
