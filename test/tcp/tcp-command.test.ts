import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { example, runCommand, startCommand } from "./tcp-command.ts";
import { Client, startServer } from "./tcp-fixture.ts";

async function routerFile(t: TestContext, text: string): Promise<string> {
  const folder = await makeTempDir();
  t.after(() => folder.remove());
  await writeFile(folder.file("router.ts"), text);
  return folder.file("router.ts");
}

async function echoRouter(
  t: TestContext,
): Promise<{ file: string; server: Awaited<ReturnType<typeof startServer>> }> {
  const server = await startServer(t, (socket) => {
    socket.on("data", (bytes: Buffer) => socket.write(bytes));
    socket.on("end", () => socket.end());
  });
  return {
    server,
    file: await routerFile(t, `export default () => ({ remote: "${server.remote}" });`),
  };
}

test("on SIGQUIT accepts nothing new, waits for the connection to end, and exits 0", async (t) => {
  const { file, server } = await echoRouter(t);
  const command = await startCommand(t, file);
  const place = { ...server, port: command.port };
  const client = await Client.connect(t, place);
  client.send("a");
  await client.receives("a");
  const exit = command.stop("SIGQUIT");
  await waitFor("the listener to close", () =>
    Client.connect(t, place).then(
      ({ socket }) => void socket.destroy(),
      () => true,
    ),
  );
  client.send("b");
  await client.receives("ab");
  assert.equal(command.child.exitCode, null);
  client.socket.end();
  assert.equal(await exit, 0);
});

for (const signal of ["SIGTERM", "SIGINT"] as const)
  test(`on ${signal} exits 0 once the connections have ended, and at once with 1 on a second signal`, async (t) => {
    const { file, server } = await echoRouter(t);
    for (const isHurried of [false, true]) {
      const command = await startCommand(t, file);
      const client = await Client.connect(t, { ...server, port: command.port });
      client.send("a");
      await client.receives("a");
      const exit = command.stop(signal);
      await waitFor("the drain", () => command.stderr().includes("waiting for connections to end"));
      if (isHurried) command.child.kill(signal);
      else client.socket.end();
      assert.equal(await exit, isHurried ? 1 : 0);
    }
  });

test(
  "shows name, version, address and connections in the process title",
  { skip: process.platform !== "linux" },
  async (t) => {
    const { file, server } = await echoRouter(t);
    const command = await startCommand(t, file);
    const client = await Client.connect(t, { ...server, port: command.port });
    client.send("a");
    await client.receives("a");
    await waitFor("the title", async () => {
      const title = (await readFile(`/proc/${command.child.pid}/cmdline`, "latin1")).replaceAll(
        "\0",
        "",
      );
      return /^es-proxy \d+\.\d+\.\d+\S* - 127\.0\.0\.1:\d+ - 1\/1\/1 connections/.test(title);
    });
  },
);

test("reads the router again on SIGHUP, and keeps the old one when the new one is broken", async (t) => {
  const file = await routerFile(t, `export default () => ({ close: "one" });`);
  const command = await startCommand(t, file);
  const ask = async (): Promise<string> => {
    const client = await Client.connect(t, {
      port: command.port,
      remote: "",
      sockets: [],
      close: async () => {},
    });
    client.send("x");
    return client.untilEnd();
  };
  assert.equal(await ask(), "one");
  await writeFile(file, `export default () => ({ close: "two" });`);
  command.child.kill("SIGHUP");
  await waitFor("the reload", () => command.stderr().includes("the router was reloaded"));
  assert.equal(await ask(), "two");
  await writeFile(file, "export default (");
  command.child.kill("SIGHUP");
  await waitFor("the refusal", () => command.stderr().includes("the old one stays"));
  assert.equal(await ask(), "two");
});

test("goes on after a promise that the router forgot was rejected, and names the line", async (t) => {
  const file = await routerFile(
    t,
    `export default () => {\n  void Promise.reject(new Error("forgotten"));\n  return { close: "ok" };\n};`,
  );
  const command = await startCommand(t, file);
  for (let time = 0; time < 2; time += 1) {
    const client = await Client.connect(t, {
      port: command.port,
      remote: "",
      sockets: [],
      close: async () => {},
    });
    client.send("x");
    assert.equal(await client.untilEnd(), "ok");
  }
  await waitFor("the log", () => command.stderr().includes(`${file}:2`));
});

test("--try prints the decision at each length where it changes", async (t) => {
  const bytes = "002bgit-upload-pack /alice/site\0host=local\0";
  const { code, stdout } = await runCommand(t, ["--try", example("git-by-owner.ts")], bytes, {
    OWNERS: "alice=h.example:9418",
  });
  assert.equal(stdout, " 1: noop\n43: remote h.example:9418 connectTimeoutMs 1000\n");
  assert.equal(code, 0);
});

test("--try shows replies, replaced bytes and errors, and exits 1 on errors", async (t) => {
  const file = await routerFile(
    t,
    `export default async (data) => {
       if (data.length === 1) return { noop: true, reply: "N\\0\\xff" };
       if (data.length === 2) return { pool: "p", data: "new", inactivityTimeoutMs: 5 };
       if (data.length === 3) return { close: "bye" };
       if (data.length === 4) return { noop: 1 };
       throw new Error("lost");
     };`,
  );
  const { code, stdout } = await runCommand(t, ["--try", file], "12345");
  assert.deepEqual(stdout.trimEnd().split("\n"), [
    '1: noop reply "N\\u0000\\xc3\\xbf"',
    '2: pool p data "new" inactivityTimeoutMs 5',
    '3: close with "bye"',
    "4: error: ESP_ERR_TCP_DECISION_VALUE: noop is 1: expected true",
    `5: error: ${file}:6:14: lost`,
  ]);
  assert.equal(code, 1);
});

test("prints help on stdout, and wrong command lines on stderr with exit 2", async (t) => {
  const help = await runCommand(t, ["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /Usage: es-proxy tcp -c ROUTER[\s\S]*Examples:/);
  for (const [args, pattern] of [
    [[], /a router file is missing/],
    [["-c", "x.ts", "-p", "70000"], /not a port: "70000"/],
    [["-c", "x.ts", "--try", "x.ts"], /do not go together/],
    [["--wrong"], /--wrong/],
  ] as const) {
    const { code, stdout, stderr } = await runCommand(t, args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, pattern);
  }
});

test("exits 78 for a router file that cannot be used, and 1 when the port is taken", async (t) => {
  const broken = await runCommand(t, ["-c", await routerFile(t, "\nexport default 5;"), "-p", "0"]);
  assert.deepEqual([broken.code, broken.stdout], [78, ""]);
  assert.match(broken.stderr, /router\.ts: the default export must be the route function/);
  const { file, server } = await echoRouter(t);
  const taken = await runCommand(t, ["-c", file, "-h", "127.0.0.1", "-p", String(server.port)]);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
});
