import assert from "node:assert/strict";
import { test } from "node:test";
import { errorCode, errorMessage, hasErrorCode } from "../../src/core/system-error.ts";

test("the code of whatever was thrown is given, or what is asked for instead", () => {
  const missing = Object.assign(new Error("open x"), { code: "ENOENT" });
  for (const [thrown, code] of [
    [missing, "ENOENT"],
    [{ code: "E" }, "E"],
    [Object.assign(new Error("x"), { code: 7 }), "error"],
    [Object.assign(new Error("x"), { code: "" }), "error"],
    [new Error("x"), "error"],
    ["ENOENT", "error"],
    [null, "error"],
    [undefined, "error"],
  ] as const)
    assert.equal(errorCode(thrown), code);
  assert.equal(errorCode(new Error("x"), "none"), "none");
  assert.equal(hasErrorCode(missing, "ENOENT"), true);
  assert.equal(hasErrorCode(missing, "EEXIST"), false);
  assert.equal(hasErrorCode(undefined, "error"), false);
});

test("whatever was thrown has a message", () => {
  assert.equal(errorMessage(new TypeError("x is not y")), "x is not y");
  assert.equal(errorMessage("said so"), "said so");
  assert.equal(errorMessage(undefined), "undefined");
});
