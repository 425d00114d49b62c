import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { startScript } from "../support/child-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { findPrerequisites, MissingPrerequisites } from "./prerequisites.ts";

async function fakeCommand(folder: TempDir, name: string, output: string): Promise<string> {
  const path = folder.file(name);
  await writeFile(path, `#!/bin/sh\ncat <<'END'\n${output}\nEND\n`);
  await chmod(path, 0o755);
  return path;
}

test("takes the first JDK that is new enough and has the compiler", async () => {
  await using folder = await makeTempDir("es-proxy-jdk");
  const maven = await fakeCommand(folder, "mvn", "Apache Maven 3.8.7");
  const old = await fakeCommand(folder, "java17", "java.base@17.0.15\njdk.compiler@17.0.15");
  const runtimeOnly = await fakeCommand(folder, "java25", "java.base@25");
  const jdk = await fakeCommand(folder, "java21", "java.base@21.0.2\njdk.compiler@21.0.2");
  const places = { maven, java: [folder.file("absent"), old, runtimeOnly, jdk] };
  assert.deepEqual(await findPrerequisites(places), { maven, java: jdk });
});

test("names everything that is missing, and what was found instead", async () => {
  await using folder = await makeTempDir("es-proxy-jdk");
  const old = await fakeCommand(folder, "java17", "java.base@17.0.15\njdk.compiler@17.0.15");
  await assert.rejects(
    findPrerequisites({ maven: folder.file("absent"), java: [old] }),
    (error: unknown) => {
      assert.ok(error instanceof MissingPrerequisites);
      assert.equal(error.missing.length, 2);
      assert.match(error.message, /Maven: there is no working `mvn` on PATH/);
      assert.match(error.message, /a JDK >= 21: .*found only .*java17 \(Java 17\)/);
      return true;
    },
  );
});

for (const script of ["main.ts", "record-goldens.ts"]) {
  test(`${script} exits with 3 and says so where Maven is missing`, async () => {
    await using folder = await makeTempDir("es-proxy-no-maven");
    const env = { PATH: folder.path, ES_ORACLE_DIR: folder.file("cache") };
    await using child = startScript(`test/elasticsearch/${script}`, [], { env });
    const exit = await child.exited(20_000);
    assert.equal(exit.code, 3, child.stderr);
    assert.match(child.stderr, /Maven: there is no working `mvn` on PATH/);
  });
}
