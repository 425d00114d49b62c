import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { test, type TestContext } from "node:test";
import { CommandLineProblem, helpText, parseCommandLine } from "../../mock-es/command-line.ts";
import { send } from "./running-mock.ts";

const main = fileURLToPath(new URL("../../mock-es/main.ts", import.meta.url));

function run(
  t: TestContext,
  ...args: string[]
): { readonly child: ChildProcess; readonly output: () => string } {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  t.after(() => child.kill("SIGKILL"));
  return { child, output: () => output };
}

async function listening(child: ChildProcess, output: () => string): Promise<string> {
  for (;;) {
    const url = /mock-es listening on (http\S+)/.exec(output())?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("prints one line with its address, answers there, names what it refused, and ends with 0 on SIGTERM and SIGINT", async (t) => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const { child, output } = run(t, "--port", "0");
    const url = await listening(child, output);
    assert.equal(output(), `mock-es listening on ${url}\n`);
    assert.equal((await send({ url }, "GET", "/books/_serch")).status, 400);
    child.kill(signal);
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 0);
    assert.match(
      output(),
      /not answered: GET "\/books\/_serch": no handler found .* \(nearest: GET,POST \/\{index\}\/_search\)/,
    );
  }
});

test("says which port is in use and ends with 1", async (t) => {
  const blocker = createServer().listen(0, "127.0.0.1");
  await once(blocker, "listening");
  t.after(() => blocker.close());
  const address = blocker.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { child, output } = run(t, "--port", String(port));
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 1);
  assert.match(output(), new RegExp(`port ${port} on 127.0.0.1 is in use`));
});

test("ends with 2 and points to the help for wrong usage", async (t) => {
  const { child, output } = run(t, "--prot", "1");
  const [code] = (await once(child, "close")) as [number];
  assert.equal(code, 2);
  assert.match(output(), /--prot[\s\S]*Try mock-es --help/);
});

test("reads every option, and refuses values that they cannot have", () => {
  const parse = (...args: string[]) => parseCommandLine(args, (path) => Buffer.from(path));
  assert.equal(parse("--help"), "help");
  assert.deepEqual(parse(), {
    port: 19200,
    nodes: 1,
    host: "127.0.0.1",
    profile: "es9",
    instantRefresh: false,
    autoCreateIndices: true,
    maxConnectionAgeMs: 0,
    faults: [],
    allowsFaultHeader: false,
  });
  const full = parse(
    ..."--port 0 --nodes 4 --node-attribute zone=a --host ::1 --profile seed --control-port 0 --tls-cert c --tls-key k --user a:b:c --api-key x".split(
      " ",
    ),
    ...'--max-body-bytes 5 --instant-refresh --max-documents 7 --max-source-characters 8 --no-auto-create --connection-age 9 --fault {"kind":"stall"} --seed 3 --fault-header'.split(
      " ",
    ),
  );
  assert.deepEqual(full, {
    port: 0,
    nodes: 4,
    nodeAttributes: { zone: "a" },
    host: "::1",
    profile: "seed",
    controlPort: 0,
    tls: { cert: Buffer.from("c"), key: Buffer.from("k") },
    credentials: { users: { a: "b:c" }, apiKeys: ["x"] },
    maxBodyBytes: 5,
    instantRefresh: true,
    maxDocuments: 7,
    maxSourceCharacters: 8,
    autoCreateIndices: false,
    maxConnectionAgeMs: 9,
    faults: [{ fault: { kind: "stall" } }],
    seed: 3,
    allowsFaultHeader: true,
  });
  for (const args of [
    ["--port", "x"],
    ["--nodes", "0"],
    ["--port", "65536"],
    ["--profile", "es7"],
    ["--tls-cert", "c"],
    ["--user", "x"],
    ["--fault", "{"],
    ["more"],
  ]) {
    assert.throws(() => parse(...args), CommandLineProblem, args.join(" "));
  }
});

test("explains every option with examples", () => {
  for (const option of [
    "port",
    "host",
    "profile",
    "control-port",
    "tls-cert",
    "tls-key",
    "user",
    "api-key",
    "max-body-bytes",
    "no-auto-create",
    "connection-age",
    "fault",
    "seed",
    "fault-header",
    "help",
  ]) {
    assert.ok(helpText.includes(`--${option}`), option);
  }
  assert.match(helpText, /Examples:\n {2}mock-es /);
});
