import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer as createHttpsServer, get } from "node:https";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { once } from "node:events";
import test from "node:test";
import { startScript } from "../support/child-process.ts";
import type { ChildOptions } from "../support/child-process.ts";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function esProxy(args: readonly string[], options: ChildOptions = {}): Promise<Outcome> {
  await using child = startScript("src/cli/main.ts", args, options);
  const { code } = await child.exited();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

const place = ["127.0.0.1", "19200", "127.0.0.1", "0"];

const usage: readonly (readonly [readonly string[], RegExp])[] = [
  [["bogus"], /^es-proxy: unknown command "bogus"\nTry: es-proxy help\n$/],
  [["rnu", "--config", "x"], /^es-proxy: unknown command "rnu"; did you mean "run"\?\n/],
  [["valdiate"], /did you mean "validate"\?/],
  [["help", "shcema"], /did you mean "schema"\?/],
  [["run"], /^es-proxy run: --config FILE is missing\nTry: es-proxy help run\n$/],
  [["run", "--confg", "x"], /^es-proxy run: unknown option --confg; did you mean "--config"\?\n/],
  [
    ["run", "-c", "x", "--log-level", "loud"],
    /--log-level is one of debug, info, warn, error; got "loud"/,
  ],
  [["schema", "x"], /^es-proxy schema: unexpected argument "x"\n/],
  [["es", "9200", "127.0.0.1", "--no-tls"], /^es-proxy: <local-port> is missing\n/],
  [[...place, "--cert", "c.pem"], /--cert and --key belong together: --key PATH is missing/],
  [[...place, "--no-tls", "--insecure"], /--insecure has no meaning with --no-tls/],
  [
    [...place, "--no-tls", "--timeout", "90"],
    /--timeout is a duration such as 90s or 5m, or 0 for none; got "90"/,
  ],
  [[...place, "--no-tls", "--format", "json"], /--format is text or ecs; got "json"/],
  [
    ["127.0.0.1", "0", "127.0.0.1", "0", "--no-tls"],
    /<remote-port> is a port from 1 to 65535; got "0"/,
  ],
  [
    ["127.0.0.1", "9200", "127.0.0.1", "65536", "--no-tls"],
    /<local-port> is a port from 0 to 65535; got "65536"/,
  ],
  [
    ["http://es", "9200", "127.0.0.1", "0", "--no-tls"],
    /<remote-host> is a host name or an address; got "http:\/\/es"/,
  ],
  [[], /^es-proxy: the flight recorder[^]*Usage: es-proxy <remote-host>/],
];

test("a wrong command line exits 2, says what is wrong on stderr and nothing on stdout", async () => {
  for (const [args, wanted] of usage) {
    const { code, stdout, stderr } = await esProxy(args);
    assert.equal(code, 2, `${args.join(" ")}\n${stderr}`);
    assert.match(stderr, wanted);
    assert.equal(stdout, "");
  }
});

test("help and version are data on stdout", async () => {
  const { version } = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  ) as {
    version: string;
  };
  for (const args of [["version"], ["--version"]])
    assert.deepEqual(await esProxy(args), { code: 0, stdout: `es-proxy ${version}\n`, stderr: "" });
  const general = await esProxy(["--help"]);
  assert.equal(general.code, 0);
  assert.equal((await esProxy(["help"])).stdout, general.stdout);
  for (const command of ["run", "validate", "tcp", "schema", "version", "help"]) {
    assert.match(general.stdout, new RegExp(`^ {2}${command} `, "m"));
    const help = await esProxy([command, "--help"]);
    assert.equal(help.code, 0);
    if (command !== "help") {
      assert.match(help.stdout, new RegExp(`^Usage: es-proxy ${command} `));
      assert.match(help.stdout, new RegExp(`^Examples:\\n {2}es-proxy ${command}`, "m"));
      assert.equal((await esProxy(["help", command])).stdout, help.stdout);
    }
  }
});

test("schema prints a JSON Schema", async () => {
  const { code, stdout, stderr } = await esProxy(["schema"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const schema = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
});

const sound = `listeners: [{name: es, bind: "127.0.0.1:0", routes: [{pool: es}]}]
pools: {es: {endpoints: ["http://127.0.0.1:19200"]}}
`;

test("validate says that a file is valid, or gives every problem with its place and exits 78", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("good.yaml"), sound);
  await writeFile(folder.file("bad.yaml"), `${sound.replace("pool: es", "pool: se")}workrs: 1\n`);
  const cwd = folder.path;
  assert.deepEqual(
    await esProxy(["validate", "--config", "good.yaml"], { cwd: process.cwd() }).then(
      ({ code }) => code,
    ),
    78,
  );
  assert.deepEqual(await esProxy(["validate", "--config", folder.file("good.yaml")]), {
    code: 0,
    stdout: "",
    stderr: `${folder.file("good.yaml")}: valid\n`,
  });
  const bad = await esProxy(["validate", "-c", folder.file("bad.yaml")]);
  assert.deepEqual([bad.code, bad.stdout], [78, ""]);
  assert.deepEqual(bad.stderr.replaceAll(`${cwd}/`, "").split("\n"), [
    'bad.yaml:1:61: listeners[0].routes[0].pool: there is no pool "se"; did you mean "es"?',
    'bad.yaml:3:1: workrs: unknown key; did you mean "workers"?',
    "",
  ]);
  const run = await esProxy(["run", "-c", folder.file("bad.yaml")]);
  assert.deepEqual(
    [run.code, run.stderr],
    [78, bad.stderr],
    "run refuses what validate refuses, in the same words",
  );
});

test("a configuration file that is not there exits 78", async () => {
  for (const command of ["run", "validate"]) {
    const { code, stderr } = await esProxy([command, "--config", "/nowhere/es.yaml"]);
    assert.deepEqual([code, stderr], [78, "/nowhere/es.yaml: cannot be read: no such file\n"]);
  }
});

test("TLS files that cannot be used exit 78 and are all named", async () => {
  const { code, stderr } = await esProxy([
    ...place,
    "--cert",
    "/nowhere/a.pem",
    "--key",
    "/nowhere/a.key",
    "--ca",
    "/nowhere/ca.pem",
  ]);
  assert.equal(code, 78);
  assert.deepEqual(stderr.trimEnd().split("\n").sort(), [
    "es-proxy: --ca: /nowhere/ca.pem cannot be read: no such file",
    "es-proxy: --cert: /nowhere/a.pem cannot be read: no such file",
    "es-proxy: --key: /nowhere/a.key cannot be read: no such file",
  ]);
});

test("the insecure parser of Node.js keeps the proxy from starting", async () => {
  const { code, stderr } = await esProxy([...place, "--no-tls"], {
    nodeOptions: ["--insecure-http-parser"],
  });
  assert.deepEqual([code, stderr.split("\n").length], [1, 2]);
  assert.match(stderr, /refusing to start with --insecure-http-parser/);
  const byEnvironment = await esProxy([...place, "--no-tls"], {
    env: { NODE_OPTIONS: "--insecure-http-parser" },
  });
  assert.equal(byEnvironment.code, 1);
});

test("a port in use exits 1 with one line that names the address", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    const { code, stderr } = await esProxy([
      "127.0.0.1",
      "19200",
      "127.0.0.1",
      String(address.port),
      "--no-tls",
    ]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`^es-proxy: .*127\\.0\\.0\\.1:${address.port}.*\\n$`));
  } finally {
    taken.close();
  }
});

test("an audit folder that cannot be made exits 78 with one line that names it", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("file"), "");
  const { code, stderr } = await esProxy([
    ...place,
    "--no-tls",
    "--audit",
    folder.file("file", "audit"),
  ]);
  assert.equal(code, 78, stderr);
  assert.ok(
    stderr.startsWith("es-proxy: ") && stderr.includes(folder.file("file", "audit")),
    stderr,
  );
  assert.equal(stderr.split("\n").length, 2, stderr);
});

test("the ancestor's form serves on a port of the system's choice and ends with 0 on SIGTERM", async () => {
  await using child = startScript("src/cli/main.ts", [...place, "--no-tls"]);
  const [line, port] = await child.stderrMatch(/^listening on http:\/\/127\.0\.0\.1:(\d+)$/m);
  assert.ok(Number(port) > 0, line);
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(), { code: 0, signal: null });
  assert.equal(child.stderr.match(/listening on/g)?.length, 1);
});

test("run serves what its file says", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("es.yaml"), `${sound}audit: {directory: journal}\n`);
  await using child = startScript("src/cli/main.ts", ["run", "--config", folder.file("es.yaml")]);
  await child.stderrMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/m);
  child.signal("SIGINT");
  assert.deepEqual(await child.exited(), { code: 0, signal: null });
});

test("the ancestor's form speaks TLS on both sides and audits to stdout; an unknown authority upstream is refused", async () => {
  await using folder = await makeTempDir();
  const authority = await makeAuthority();
  const identity = await authority.server();
  const files = await writeIdentity(folder.path, "es", identity);
  await writeFile(folder.file("ca.pem"), authority.certPem);
  const origin = createHttpsServer(
    { cert: identity.certPem, key: identity.keyPem },
    (_request, response) => response.end("found"),
  );
  origin.listen(0, "127.0.0.1");
  await once(origin, "listening");
  const address = origin.address();
  assert.ok(typeof address === "object" && address !== null);
  const args = [
    "localhost",
    String(address.port),
    "127.0.0.1",
    "0",
    "--cert",
    files.cert,
    "--key",
    files.key,
  ];
  const variants = [
    { extra: ["--ca", folder.file("ca.pem")], status: 200, warning: false },
    { extra: [], status: 502, warning: false },
    { extra: ["--insecure"], status: 200, warning: true },
  ];
  try {
    for (const { extra, status, warning } of variants) {
      await using child = startScript("src/cli/main.ts", [...args, ...extra]);
      const [, port = ""] = await child.stderrMatch(/^listening on https:\/\/127\.0\.0\.1:(\d+)$/m);
      const options = {
        host: "127.0.0.1",
        port: Number(port),
        path: "/found",
        ca: authority.certPem,
        agent: false as const,
      };
      const [response] = (await once(get(options), "response")) as [IncomingMessage];
      response.resume();
      assert.equal(response.statusCode, status, child.stderr);
      assert.equal(
        /warning: the certificate of localhost is not verified/.test(child.stderr),
        warning,
      );
      child.signal("SIGTERM");
      assert.deepEqual(await child.exited(), { code: 0, signal: null });
      const lines = child.stdout.trimEnd().split("\n");
      assert.equal(lines.length, 2, child.stdout);
      assert.match(lines[0] ?? "", /ID: \S+ User: anonymous Path: \/found Query: None Method: GET/);
      assert.match(lines[1] ?? "", new RegExp(`Path: /found .*Status: ${status}`));
    }
  } finally {
    origin.closeAllConnections();
    origin.close();
  }
});
