import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import test from "node:test";

import { makeAuthority, writeIdentity, type Identity } from "../support/certificates.ts";
import { startScript } from "../support/child-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { attempt } from "./tls-attempt.ts";

for (const version of ["TLSv1.2", "TLSv1.3"] as const)
  test(`a revoked client is let in by no worker, with its session neither (${version})`, async () => {
    await using origin = await startOrigin();
    await using folder = await makeTempDir();
    const [first, second] = [await makeAuthority("First"), await makeAuthority("Second")];
    const server = await writeIdentity(folder.path, "server", await first.server());
    const alice = await first.client({ name: "alice" });
    const [bob, carol] = [await second.client({ name: "bob" }), await second.client()];
    const [ca, crl, file] = ["ca.pem", "crl.pem", "es.yaml"].map((name) => folder.file(name));
    assert.ok(ca !== undefined && crl !== undefined && file !== undefined);
    await writeFile(ca, first.certPem + second.certPem);
    await writeFile(crl, (await first.revokes([])) + (await second.revokes([carol])));
    const tls = `cert: ${server.cert}, key: ${server.key}, client_ca: ${ca}, client_crl: ${crl}`;
    await writeFile(
      file,
      `workers: 2
listeners:
  - {name: es, bind: "127.0.0.1:0", tls: {${tls}}, routes: [{path: /, pool: es}]}
pools:
  es: {endpoints: ["http://127.0.0.1:${origin.port}"]}
`,
    );
    await using child = startScript("src/cli/main.ts", ["run", "--config", file]);
    const [, port] = await child.stderrMatch(/listening on https:\/\/127\.0\.0\.1:(\d+)/, 60_000);
    const shared = {
      port: Number(port),
      ca: first.certPem,
      minVersion: version,
      maxVersion: version,
    } as const;
    const as = ({ certPem, keyPem }: Identity) => ({ ...shared, cert: certPem, key: keyPem });
    let readings = 0;
    const publish = async (lists: string): Promise<void> => {
      await writeFile(crl, lists);
      readings += 2;
      await waitFor(
        "both workers to have read the lists",
        () => child.stderr.split("changed TLS files are in use").length > readings,
      );
    };

    let session: Buffer | undefined;
    assert.equal(await attempt(as(alice), (ticket) => (session = ticket)), "fresh");
    assert.equal(await attempt(as(bob)), "fresh");
    assert.equal(await attempt(as(carol)), "refused", "it is on the second list of the file");
    assert.equal(await attempt({ ...shared, session }), "resumed");

    await publish((await first.revokes([alice])) + (await second.revokes([])));
    for (let count = 0; count < 6; count += 1) {
      assert.equal(await attempt(as(alice)), "refused");
      assert.equal(await attempt({ ...shared, session }), "refused");
    }
    assert.equal(await attempt(as(carol)), "fresh", "it is on no list any more");

    await publish((await first.revokes([])) + (await second.revokes([], true)));
    assert.equal(await attempt(as(alice)), "fresh");
    assert.equal(await attempt(as(bob)), "refused", "the list of its authority has expired");
    await publish(await first.revokes([]));
    assert.equal(await attempt(as(bob)), "refused", "its authority has no list");
  });
