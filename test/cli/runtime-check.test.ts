import assert from "node:assert/strict";
import test from "node:test";
import { runtimeProblem } from "../../src/cli/runtime-check.ts";

const sound = { version: "24.18.1", execArgv: [], nodeOptions: undefined };

const versions: Readonly<Record<string, boolean>> = {
  "24.18.1": true,
  "24.18.2": true,
  "24.21.0": true,
  "24.18.0": false,
  "24.9.9": false,
  "22.23.2": false,
  "20.20.2": false,
  "25.9.0": false,
  "26.5.0": false,
  "26.5.1": true,
  "26.10.0": true,
  "27.0.0": true,
  "26.5.1-nightly20260801": true,
};

test("releases without the known fixes are refused, and named", () => {
  for (const [version, isFine] of Object.entries(versions)) {
    const problem = runtimeProblem({ ...sound, version }, false);
    assert.equal(problem === undefined, isFine, version);
    if (problem !== undefined)
      assert.match(
        problem,
        new RegExp(`Node\\.js ${version}.*24\\.18\\.1.*--allow-vulnerable-runtime`),
      );
  }
});

test("an old release can be allowed, the insecure parser cannot", () => {
  assert.equal(runtimeProblem({ ...sound, version: "20.0.0" }, true), undefined);
  assert.match(
    runtimeProblem({ ...sound, nodeOptions: "--insecure-http-parser" }, true) ?? "",
    /insecure-http-parser/,
  );
});

test("the insecure parser is seen in every spelling that Node.js takes", () => {
  for (const nodeOptions of [
    "--insecure-http-parser",
    "--trace-warnings  --insecure_http_parser",
    '"--insecure-http-parser"',
  ])
    assert.notEqual(runtimeProblem({ ...sound, nodeOptions }, false), undefined, nodeOptions);
  assert.notEqual(
    runtimeProblem({ ...sound, execArgv: ["--insecure-http-parser"] }, false),
    undefined,
  );
  assert.equal(
    runtimeProblem(
      { ...sound, nodeOptions: "--no-insecure-http-parser --max-http-header-size=1" },
      false,
    ),
    undefined,
  );
});
