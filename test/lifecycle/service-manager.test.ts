import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import test from "node:test";
import { activatedSockets } from "../../src/cli/service-manager.ts";
import { Child, startScript } from "../support/child-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { askPort } from "./service.ts";

function configuration(origin: number, workers: number, port: number | string = 0): string {
  return `workers: ${workers}
listeners:
  - {name: es, bind: "127.0.0.1:${port}", routes: [{path: /, pool: es}]}
pools:
  es: {endpoints: ["http://127.0.0.1:${origin}"]}
audit: {directory: audit}
`;
}

test("systemd is told when the service is ready, reloads and stops, and that its event loop turns", async () => {
  await using folder = await makeTempDir();
  const told = folder.file("told");
  // Stands where systemd's program would be and writes down how it is called.
  await writeFile(
    folder.file("systemd-notify"),
    `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> ${told}\n`,
  );
  await chmod(folder.file("systemd-notify"), 0o755);
  await writeFile(folder.file("es.yaml"), configuration(9, 1));
  await using child = startScript("src/cli/main.ts", ["run", "-c", folder.file("es.yaml")], {
    env: {
      NOTIFY_SOCKET: "/run/some/notify",
      WATCHDOG_USEC: "400000",
      PATH: `${folder.path}:${process.env["PATH"] ?? ""}`,
    },
  });
  const saw = (pattern: RegExp): Promise<unknown> =>
    waitFor(
      String(pattern),
      async () => pattern.test(await readFile(told, "utf8").catch(() => "")),
      20_000,
    );
  await saw(/^\/run\/some\/notify READY=1 STATUS=Relaying$/m);
  await saw(/WATCHDOG=1\n[^]*WATCHDOG=1\n/);
  child.signal("SIGHUP");
  await saw(/RELOADING=1 MONOTONIC_USEC=\d+ STATUS=Reloading\n[^]*READY=1/);
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(20_000), { code: 0, signal: null });
  await saw(/STOPPING=1 STATUS=Draining\n/);
});

test("a missing systemd-notify is told once and changes nothing", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("es.yaml"), configuration(9, 1));
  await using child = startScript("src/cli/main.ts", ["run", "-c", folder.file("es.yaml")], {
    env: { NOTIFY_SOCKET: "/run/some/notify", PATH: folder.path },
  });
  await child.stderrMatch(/systemd-notify cannot be run/, 20_000);
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(20_000), { code: 0, signal: null });
  assert.equal(child.stderr.match(/systemd-notify cannot be run/g)?.length, 1);
});

test("sockets of the service manager go to the listeners of their names, else in order, and only to the process they are for", () => {
  const pid = String(process.pid);
  const sockets = (environment: NodeJS.ProcessEnv, ...listeners: string[]): [string, number][] => [
    ...activatedSockets(environment, listeners),
  ];
  assert.deepEqual(sockets({ LISTEN_PID: pid, LISTEN_FDS: "2", LISTEN_FDNAMES: "b:a" }, "a", "b"), [
    ["b", 3],
    ["a", 4],
  ]);
  assert.deepEqual(sockets({ LISTEN_PID: pid, LISTEN_FDS: "2" }, "a", "b"), [
    ["a", 3],
    ["b", 4],
  ]);
  assert.deepEqual(
    sockets({ LISTEN_PID: pid, LISTEN_FDS: "1", LISTEN_FDNAMES: "unknown" }, "a", "b"),
    [["a", 3]],
  );
  assert.deepEqual(sockets({ LISTEN_PID: "1", LISTEN_FDS: "1" }, "a"), []);
  const environment = { LISTEN_PID: pid, LISTEN_FDS: "1", LISTEN_FDNAMES: "a", PATH: "/bin" };
  activatedSockets(environment, ["a"]);
  assert.deepEqual(environment, { PATH: "/bin" });
});

/**
 * Does what a service manager does: binds, listens, and becomes the service with the socket as
 * descriptor 3.
 */
const activate = `$^F = 255;
my $s;
socket($s, PF_INET, SOCK_STREAM, 0) && bind($s, sockaddr_in(0, INADDR_LOOPBACK)) && listen($s, 128) or die $!;
my ($port) = sockaddr_in(getsockname $s);
POSIX::dup2(fileno($s), 3);
open(my $file, ">", $ARGV[0]) or die $!;
print $file $ENV{CONFIGURATION} =~ s/PORT/$port/r;
close $file;
@ENV{qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES)} = ($$, 1, "es");
exec $ARGV[1], "src/cli/main.ts", "run", "-c", $ARGV[0];`;
const hasPerl = spawnSync("perl", ["-MSocket", "-MPOSIX", "-e", "1"]).status === 0;

for (const workers of [1, 2])
  test(
    `a socket that was bound before the start is used as it is (workers: ${workers})`,
    { skip: hasPerl ? false : "perl, which binds the socket, is not there" },
    async () => {
      await using origin = await startOrigin();
      await using folder = await makeTempDir();
      // The address of the file is taken: only the socket that was handed over can be what answers.
      await using child = new Child(
        "perl",
        ["-MSocket", "-MPOSIX", "-e", activate, folder.file("es.yaml"), process.execPath],
        {
          env: { CONFIGURATION: configuration(origin.port, workers, "PORT") },
        },
      );
      const [, port] = await child.stderrMatch(/listening on http:\/\/127\.0\.0\.1:(\d+)/, 20_000);
      for (let at = 0; at < 5; at += 1)
        assert.equal((await askPort(Number(port), "GET", "/")).status, 200);
      child.signal("SIGTERM");
      assert.deepEqual(await child.exited(20_000), { code: 0, signal: null });
    },
  );
