import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import test from "node:test";

import { makeSelfSigned } from "../support/certificates.ts";
import { startScript, type Child } from "../support/child-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

/** The short form without `--cert` and `--key`, its state in the given folder. */
function start(folder: TempDir, originPort: number): Child {
  return startScript(
    "src/cli/main.ts",
    ["127.0.0.1", String(originPort), "127.0.0.1", "0", "--insecure", "--audit", "-"],
    { env: { XDG_STATE_HOME: folder.path } },
  );
}

function get(port: number, ca: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, ca, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("the ancestor's first example runs: a certificate for this host is made once and trusted", async () => {
  await using folder = await makeTempDir();
  const { certPem: cert, keyPem: key } = await makeSelfSigned();
  await using origin = await startOrigin({ tls: { cert, key } });
  const [certFile, keyFile] = [
    folder.file("es-proxy", "cert.pem"),
    folder.file("es-proxy", "key.pem"),
  ];
  const fingerprints: string[] = [];
  for (let run = 0; run < 2; run += 1) {
    await using child = start(folder, origin.port);
    const [, fingerprint = ""] = await child.stderrMatch(
      /SHA-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})/,
    );
    fingerprints.push(fingerprint);
    assert.ok(child.stderr.includes(`curl --cacert ${certFile}`));
    const [, port] = await child.stderrMatch(/listening on https:\/\/127\.0\.0\.1:(\d+)/);
    assert.equal(await get(Number(port), readFileSync(certFile)), 200);
  }
  assert.equal(fingerprints[0], fingerprints[1], "the second start uses the first one's");
  assert.equal(statSync(keyFile).mode & 0o777, 0o600);

  writeFileSync(certFile, "not a certificate");
  await using again = start(folder, origin.port);
  await again.stderrMatch(/listening on/);
  assert.ok(readFileSync(certFile, "utf8").startsWith("-----BEGIN CERTIFICATE-----"));
});

test("where nothing can be kept the message names the place and the ways out", async () => {
  await using folder = await makeTempDir();
  writeFileSync(folder.file("es-proxy"), "a file where a folder should be");
  await using child = start(folder, 9);
  assert.equal((await child.exited(30_000)).code, 78);
  assert.match(
    child.stderr,
    /^es-proxy: no certificate was given, and one cannot be kept in .*: E\w+; name one with --cert and --key, or speak plain HTTP with --no-tls$/m,
  );
});
