import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import test from "node:test";
import { promisify } from "node:util";

import { Child } from "../support/child-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

test("an installed program runs without the checkout and without any Node.js on PATH", async () => {
  await using folder = await makeTempDir("install");
  const [checkout, prefix] = [folder.file("checkout"), folder.file("prefix")];
  // Files as they are now, so that what is being worked on is what is installed.
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout: listed } = await run("git", list, { cwd: root });
  const files = listed.split("\0").filter((name) => name !== "" && existsSync(join(root, name)));
  writeFileSync(folder.file("files"), files.join("\0"));
  await run("sh", [
    "-c",
    `mkdir "$1" && cd "$0" && tar --null -T "$2" -cf - | tar -C "$1" -xf -`,
    root,
    checkout,
    folder.file("files"),
  ]);
  // What `make deps` would fetch is here already.
  for (const name of ["node_modules", ".runtime"])
    if (existsSync(join(root, name))) symlinkSync(join(root, name), join(checkout, name));
  // The time of the packages' mark must not make make install them again.
  const make = ["-o", "node_modules/.installed", "-C", checkout, `PREFIX=${prefix}`];
  const { stdout: said } = await run("make", [...make, "install"]);
  assert.match(said, /^installed \S+\/bin\/es-proxy and \S+\/bin\/mock-es \(\d+ MiB\)$/m);
  await rm(checkout, { recursive: true });

  // A PATH on which there is sh and readlink, and neither node nor npm.
  const bare = folder.file("bin");
  await run("mkdir", [bare]);
  for (const name of ["sh", "readlink", "dirname"]) {
    const { stdout } = await run("sh", ["-c", `command -v ${name}`]);
    symlinkSync(stdout.trim(), join(bare, name));
  }
  const env = { PATH: bare };
  const program = join(prefix, "bin/es-proxy");
  const version = await run(program, ["version"], { env });
  assert.match(version.stdout, /^es-proxy \d/);

  await using origin = await startOrigin();
  // Workers and a router written in TypeScript run in it as well.
  const [config, router] = [folder.file("es.yaml"), folder.file("router.ts")];
  writeFileSync(
    router,
    `const answer: string = "from a router in TypeScript";
export default () => ({ close: answer });
`,
  );
  writeFileSync(
    config,
    `workers: 2
listeners:
  - {name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
  - {name: raw, protocol: tcp, bind: "127.0.0.1:0", router: ${router}}
pools:
  es: {endpoints: ["http://127.0.0.1:${origin.port}"]}
`,
  );
  await using child = new Child(program, ["run", "--config", config], { env });
  const [, http] = await child.stderrMatch(/listening on http:\/\/127\.0\.0\.1:(\d+)/, 60_000);
  const [, tcp] = await child.stderrMatch(/listening on tcp:\/\/127\.0\.0\.1:(\d+)/, 60_000);
  assert.equal((await fetch(`http://127.0.0.1:${http}/`)).status, 200);
  const socket = connect(Number(tcp), "127.0.0.1").setEncoding("utf8");
  socket.write("hello");
  assert.equal(await text(socket), "from a router in TypeScript");
  child.signal("SIGTERM");
  assert.equal((await child.exited(20_000)).code, 0);

  await run(process.execPath, [join(root, "scripts/install.ts"), "uninstall", "--prefix", prefix]);
  assert.deepEqual(readdirSync(join(prefix, "bin")), []);
  assert.equal(existsSync(join(prefix, "lib/es-proxy")), false);
  assert.ok(existsSync(dirname(prefix)), "the prefix itself is left alone");
});
