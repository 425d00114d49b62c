import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import test from "node:test";

import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { startScript } from "../support/child-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { askPort } from "./service.ts";
import { attempt } from "./tls-attempt.ts";

for (const version of ["TLSv1.2", "TLSv1.3"] as const)
  test(`a session of a removed client authority is resumed by no worker (${version})`, async () => {
    await using origin = await startOrigin();
    await using folder = await makeTempDir();
    const [authority, successor] = [await makeAuthority("First"), await makeAuthority("Second")];
    const server = await writeIdentity(folder.path, "server", await authority.server());
    const client = await authority.client({ name: "alice" });
    const [clientCa, file] = [folder.file("client-ca.pem"), folder.file("es.yaml")];
    await writeFile(clientCa, authority.certPem);
    await writeFile(
      file,
      `workers: 2
listeners:
  - name: es
    bind: 127.0.0.1:0
    tls: {cert: ${server.cert}, key: ${server.key}, client_ca: ${clientCa}}
    routes: [{path: /, pool: es}]
pools:
  es: {endpoints: ["http://127.0.0.1:${origin.port}"]}
admin: {bind: "127.0.0.1:0"}
`,
    );
    await using child = startScript("src/cli/main.ts", ["run", "--config", file]);
    const [, port] = await child.stderrMatch(/listening on https:\/\/127\.0\.0\.1:(\d+)/, 60_000);
    const [, admin] = await child.stderrMatch(/admin on http:\/\/127\.0\.0\.1:(\d+)/, 60_000);
    const shared = {
      port: Number(port),
      ca: authority.certPem,
      minVersion: version,
      maxVersion: version,
    } as const;
    const named = { ...shared, cert: client.certPem, key: client.keyPem };

    let session: Buffer | undefined;
    assert.equal(await attempt(named, (ticket) => (session = ticket)), "fresh");
    assert.ok(session !== undefined, "the server gives tickets");
    // Positive control: while nothing has changed the session is resumed, by either worker.
    for (let count = 0; count < 6; count += 1)
      assert.equal(await attempt({ ...shared, session }), "resumed");

    await writeFile(clientCa, successor.certPem);
    await waitFor(
      "both workers to have read the new authority",
      () => child.stderr.split("changed TLS files are in use").length > 2,
    );
    assert.equal(await attempt(named), "refused", "the old authority is not believed any more");
    for (let count = 0; count < 6; count += 1)
      assert.equal(await attempt({ ...shared, session }), "refused", "before the restart");
    assert.equal((await askPort(Number(admin), "POST", "/restart")).status, 200);
    for (let count = 0; count < 12; count += 1)
      assert.equal(await attempt({ ...shared, session }), "refused", "after the restart");
  });
