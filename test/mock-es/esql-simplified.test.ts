import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, shown } from "./esql-fixture.ts";
import { send, startFor } from "./running-mock.ts";

/** Comparisons of a document's numbers as a node of 8.19 decided them, and whether it warned. */
const compared: Readonly<Record<string, readonly [holds: boolean | null, warns: boolean]>> = {
  "1 >= (x - 3)": [true, false],
  "x - 3 == 5": [false, false],
  "x + 1 > 5": [false, false],
  "y + 1 > 5": [true, false],
  "y + 1 > -2147483648": [null, true],
  "y - 1 > -2147483648": [true, false],
  "5 - x > 3": [true, false],
  "3 - x <= -2147483648": [null, true],
  "-x > 5": [true, false],
  "-x > -2147483648": [null, true],
  "0 < 3000000000 * l": [true, false],
  "l * 2 > 10": [true, false],
  "l * 3 > 10": [null, true],
  "l * -2 > 10": [false, false],
  "-2 * y > 10": [false, false],
  "y * 2 == 10": [false, false],
  "y * 0 == 0": [true, false],
  "y / 2 > 10": [true, false],
  "d * 10 > 5": [true, false],
  "d * 10.0 > 5": [null, true],
  "d + 1 > 5": [true, false],
  "d / 0 > 1": [null, true],
  "d / 2 > 1": [true, false],
  "d * -10 > 5": [false, false],
  "(y + 1) - 2 > 3": [true, false],
  "y + 1 != 5": [true, false],
  "l + 1 > 5": [true, false],
  "l + 1 > 9223372036854775807": [true, false],
  "l + 1 > 5.0": [null, true],
  "y + 3000000000 > 5": [true, false],
  "y % 0 > 1": [null, true],
  "1 + y IN (3, 4)": [null, true],
  "-(-x) > 5": [false, false],
  "no - 1 > 0": [false, false],
  "2 * no >= 4": [false, false],
  "7 - no < 6": [false, false],
  "-no < -1": [false, false],
};

test("ES|QL moves constants to one side of a comparison, where nothing overflows", async (t) => {
  const mock = await startFor(t);
  const properties = { no: { type: "integer" }, h: { type: "double" } };
  await send(mock, "PUT", "/t", { body: { mappings: { properties } } });
  await send(mock, "PUT", "/t/_doc/1?refresh", { body: { no: 1, h: 2.03 } });
  const numbers =
    "x = 0 * no - 2147483648, y = 0 * no + 2147483647, " +
    "l = no::long * 0 + 9223372036854775807, d = h * 0 + 1e308";
  for (const [comparison, [holds, warns]] of Object.entries(compared)) {
    const query = `FROM t | EVAL ${numbers} | EVAL r = ${comparison} | KEEP r | LIMIT 2`;
    const [, rows, warnings] = shown(await ask(mock, query));
    const isTold = String(warnings).includes("ArithmeticException");
    assert.deepEqual([rows, isTold], [[[holds]], warns], comparison);
  }
});
