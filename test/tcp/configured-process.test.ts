import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { startScript, type Child } from "../support/child-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { placeOf } from "./configured.ts";
import { Client, startNamedServer, startServer } from "./tcp-fixture.ts";

const main = "src/cli/main.ts";
const echo = (socket: {
  on(event: "data", listener: (bytes: Buffer) => void): unknown;
  write(bytes: Buffer): unknown;
}) => void socket.on("data", (bytes) => socket.write(bytes));

async function portOf(child: Child): Promise<number> {
  const [, port] = await child.stderrMatch(/listening on tcp:\/\/127\.0\.0\.1:(\d+)/, 60_000);
  return Number(port);
}

/**
 * @param router what the router file says; it also writes one line into `runs` each time it is run
 */
async function write(folder: TempDir, router: string, more = ""): Promise<void> {
  const counted = `import { appendFileSync } from "node:fs";\nappendFileSync(${JSON.stringify(folder.file("runs"))}, "run\\n");\n${router}`;
  await writeFile(folder.file("router.ts"), counted);
  const text = `listeners: [{name: git, protocol: tcp, bind: "127.0.0.1:0", router: router.ts}]\npools: {}\n${more}`;
  await writeFile(folder.file("es.yaml"), text);
}

test("validate runs the router file without binding a port, and names the line of what is wrong with it", async () => {
  await using folder = await makeTempDir();
  await write(folder, "export default 5;");
  await using wrong = startScript(main, ["validate", "-c", folder.file("es.yaml")]);
  assert.equal((await wrong.exited()).code, 78);
  assert.match(
    wrong.stderr,
    /es\.yaml:1:\d+: listeners\[0\]\.router: .*router\.ts: the default export must be the route function, not a number/,
  );
  await write(folder, "export default (: 5;");
  await using unread = startScript(main, ["validate", "-c", folder.file("es.yaml")]);
  assert.equal((await unread.exited()).code, 78);
  assert.match(unread.stderr, /listeners\[0\]\.router: .*router\.ts:3: /);
  await write(folder, `export default () => ({ close: true });`);
  await using right = startScript(main, ["validate", "-c", folder.file("es.yaml")]);
  assert.equal((await right.exited()).code, 0, right.stderr);
});

test("run runs the router file once, outlives the promises that it forgets, and reads it again on SIGHUP", async (t) => {
  await using folder = await makeTempDir();
  await write(
    folder,
    `export default () => { void Promise.reject(new Error("forgotten")); return { close: "one" }; };`,
  );
  await using child = startScript(main, ["run", "-c", folder.file("es.yaml")]);
  const port = await portOf(child);
  assert.equal(readFileSync(folder.file("runs"), "utf8"), "run\n");
  const ask = async (): Promise<string> => {
    const client = await Client.connect(t, placeOf(port));
    client.send("x");
    const answer = await client.untilEnd();
    client.socket.end();
    return answer;
  };
  assert.equal(await ask(), "one");
  await child.stderrMatch(/router\.ts:3:\d+/);
  assert.equal(await ask(), "one");
  await write(folder, `export default () => ({ close: "two" });`);
  child.process.kill("SIGHUP");
  await child.stderrMatch(/configuration reloaded/);
  assert.equal(await ask(), "two");
  await write(folder, "export default null;");
  child.process.kill("SIGHUP");
  await child.stderrMatch(/the old one stays/);
  assert.equal(await ask(), "two");
  child.process.kill("SIGTERM");
  assert.equal((await child.exited()).code, 0);
});

test("two worker processes route, record and count together", async (t) => {
  const server = await startNamedServer(t, "server");
  await using folder = await makeTempDir();
  const more = `workers: 2\naudit: {directory: audit}\nadmin: {bind: "127.0.0.1:0"}\n`;
  await write(folder, `export default () => ({ remote: "${server.remote}" });`, more);
  await using child = startScript(main, ["run", "-c", folder.file("es.yaml")]);
  const port = await portOf(child);
  const [, admin] = await child.stderrMatch(/admin on (http:\S+)/);
  for (let time = 0; time < 8; time += 1) {
    const client = await Client.connect(t, placeOf(port));
    client.send("x");
    assert.equal(await client.untilEnd(), "server:x");
    client.socket.end();
  }
  await waitFor("the sum of the metrics", async () =>
    (await (await fetch(`${admin}/metrics`)).text()).includes(
      'es_proxy_tcp_sessions_total{listener="git",outcome="completed"} 8\n',
    ),
  );
  child.process.kill("SIGTERM");
  assert.equal((await child.exited()).code, 0);
  const records = (await readAudit(folder.file("audit"))).map(({ record }) => record);
  assert.equal(records.length, 16);
  assert.equal(new Set(records.map((record) => fieldAt(record, "event.id"))).size, 8);
});

test("es-proxy tcp records to a folder, and a session that was open at kill -9 is closed by the next start", async (t) => {
  const server = await startServer(t, echo);
  await using folder = await makeTempDir();
  await write(folder, `export default () => ({ remote: "${server.remote}" });`);
  const args = [
    "tcp",
    "-c",
    folder.file("router.ts"),
    "-h",
    "127.0.0.1",
    "-p",
    "0",
    "--audit",
    folder.file("audit"),
    "--format",
    "ecs",
  ];
  await using first = startScript(main, args);
  const client = await Client.connect(t, placeOf(await portOf(first)));
  client.send("a");
  await client.receives("a");
  first.process.kill("SIGKILL");
  await first.exited();
  await using second = startScript(main, args);
  const other = await Client.connect(t, placeOf(await portOf(second)));
  other.send("b");
  await other.receives("b");
  second.process.kill("SIGTERM");
  await second.stderrMatch(/waiting for connections to end/);
  second.process.kill("SIGTERM");
  assert.equal((await second.exited()).code, 1);
  const outcomes = (await readAudit(folder.file("audit")))
    .map(({ record }) => record)
    .filter((record) => fieldAt(record, "es_proxy.record") === "session_end")
    .map((record) => [fieldAt(record, "es_proxy.outcome"), fieldAt(record, "source.bytes")]);
  assert.deepEqual(outcomes, [
    ["crash_recovered", undefined],
    ["shutdown", 1],
  ]);
});

test("es-proxy tcp --audit - prints text lines on stdout, and its help and wrong options are told", async (t) => {
  await using folder = await makeTempDir();
  await write(folder, `export default () => ({ close: "bye" });`);
  const args = ["tcp", "-c", folder.file("router.ts"), "-h", "127.0.0.1", "-p", "0"];
  await using child = startScript(main, [...args, "--audit", "-"]);
  const client = await Client.connect(t, placeOf(await portOf(child)));
  client.send("x");
  assert.equal(await client.untilEnd(), "bye");
  client.socket.end();
  await once(client.socket, "close");
  child.process.kill("SIGQUIT");
  assert.equal((await child.exited()).code, 0);
  const [start = "", end = "", ...more] = child.stdout.split("\n");
  assert.match(
    start,
    / Listener: tcp Source: 127\.0\.0\.1 Port: \d+ Server-Name: - Decision: close Target: - Seen: 1$/,
  );
  assert.match(end, / Up: 0 Down: 3 Duration: \d+\.\d{3}s Outcome: closed Code: -$/);
  assert.deepEqual(more, [""]);
  await using help = startScript(main, ["help", "tcp"]);
  assert.equal((await help.exited()).code, 0);
  assert.match(help.stdout, /^Usage: es-proxy tcp -c ROUTER \[-h HOST\]/);
  for (const [wrong, pattern] of [
    [["--format", "json", "--audit", "-"], /--format is text or ecs; got "json"/],
    [["--format", "ecs"], /--format has no meaning without --audit/],
  ] as const) {
    await using refused = startScript(main, [...args, ...wrong]);
    assert.equal((await refused.exited()).code, 2);
    assert.match(refused.stderr, pattern);
  }
});
