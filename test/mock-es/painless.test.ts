import assert from "node:assert/strict";
import { test } from "node:test";
import { EsError } from "../../mock-es/es-error.ts";
import { readScript, runScript } from "../../mock-es/script/script.ts";
import { textOfValue } from "../../mock-es/script/values.ts";
import { refusals } from "./painless-refusals.ts";
import { parameters, results } from "./painless-vectors.ts";

test("scripts give what a real server gives, and run into the same", () => {
  for (const [source, expected] of [...results, ...refusals])
    assert.deepEqual(outcome(source), expected, source);
});

function outcome(source: string): unknown {
  try {
    return textOfValue(runScript(readScript({ source, params: parameters }), { variables: {} }));
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const cause = error.extra["caused_by"] as {
      readonly position?: { readonly offset: number };
      readonly caused_by?: { readonly type: string; readonly reason: string };
    };
    const { type, reason } = cause?.caused_by ?? { type: error.type, reason: error.message };
    return { at: cause?.position?.offset, type, reason };
  }
}

test("errors show the statement, and the compiler's the place with what is around", () => {
  const stack = (source: string): unknown => {
    try {
      runScript(readScript(source), { variables: {} });
    } catch (error) {
      const { script_stack, position } = (error as EsError).extra["caused_by"] as Record<
        string,
        unknown
      >;
      return { script_stack, position };
    }
    return undefined;
  };
  assert.deepEqual(stack("def l = [1]; def z = l[7]; return z"), {
    script_stack: ["z = l[7]; ", "     ^---- HERE"],
    position: { offset: 22, start: 17, end: 27 },
  });
  assert.deepEqual(stack(`${"a".repeat(60)} + 1`), {
    script_stack: [`${"a".repeat(25)} ...`, "^---- HERE"],
    position: { offset: 0, start: 0, end: 25 },
  });
});
