import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, reasonOf } from "./esql-fixture.ts";
import { send, startFor } from "./running-mock.ts";
import { documented, documentedButRefused } from "./sql-documentation.ts";

/** The last digit of a double is the machine's. */
function isNear(a: unknown, b: unknown): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Math.abs(a - b) <= 4e-16 * Math.abs(b);
}

test("SQL answers the examples of the documentation of its functions, or refuses them", async (t) => {
  const mock = await startFor(t);
  const wrong: string[] = [];
  for (const [expression, value] of documented) {
    const received = await ask(mock, `SELECT ${expression}`, {}, "/_sql");
    const found =
      received.status === 200 ? (received.json["rows"] as unknown[][])[0]?.[0] : reasonOf(received);
    if (!isNear(found, value)) wrong.push(`${expression}: ${String(found)}`);
  }
  assert.deepEqual(wrong, []);
  for (const expression of documentedButRefused)
    assert.match(
      reasonOf(await ask(mock, `SELECT ${expression}`, {}, "/_sql")),
      /^400 .* is not supported by mock-es$/,
      expression,
    );
});

const employees = [
  { emp_no: 1, gender: "F", languages: 1, salary: 50000, last_name: "McAlpine" },
  { emp_no: 2, gender: "M", languages: 2, salary: 60000, last_name: "Peyn" },
  { emp_no: 3, languages: 2, salary: 70000, last_name: "McAlpine" },
  { emp_no: 4, gender: "M", salary: 40000, last_name: "Peyn" },
  { emp_no: 5, gender: "F", languages: 3, salary: 55000, last_name: "Simmel" },
  { emp_no: 6, gender: "M", languages: 1, salary: 65000, last_name: "Peyn" },
];

/** Queries of the documentation, over fewer employees. */
const queries: readonly (readonly [query: string, rows: unknown])[] = [
  ["SELECT gender AS g FROM emp GROUP BY gender", [[null], ["F"], ["M"]]],
  ["SELECT gender FROM emp GROUP BY 1", [[null], ["F"], ["M"]]],
  ["SELECT languages + 1 AS l FROM emp GROUP BY l", [[null], [2], [3], [4]]],
  [
    "SELECT gender g, languages l, COUNT(*) c FROM emp GROUP BY g, l ORDER BY languages ASC, gender DESC",
    [
      ["M", null, 1],
      ["M", 1, 1],
      ["F", 1, 1],
      ["M", 2, 1],
      [null, 2, 1],
      ["F", 3, 1],
    ],
  ],
  [
    "SELECT gender AS g, ROUND((MIN(salary) / 100)) AS salary FROM emp GROUP BY gender",
    [
      [null, 700],
      ["F", 500],
      ["M", 400],
    ],
  ],
  [
    "SELECT languages AS l, COUNT(*) AS c FROM emp GROUP BY l HAVING c BETWEEN 2 AND 20",
    [
      [1, 2],
      [2, 2],
    ],
  ],
  [
    "SELECT MIN(salary) AS min, MAX(salary) AS max, MAX(salary) - MIN(salary) AS diff FROM emp GROUP BY languages HAVING diff - max % min > -30000 AND AVG(salary) > 30000",
    [
      [40000, 40000, 0],
      [50000, 65000, 15000],
      [60000, 70000, 10000],
      [55000, 55000, 0],
    ],
  ],
  ["SELECT MIN(salary) AS min FROM emp HAVING min > 25000", [[40000]]],
  [
    "SELECT gender AS g, COUNT(*) AS c FROM emp GROUP BY gender ORDER BY g DESC",
    [
      ["M", 3],
      ["F", 2],
      [null, 1],
    ],
  ],
  [
    "SELECT gender AS g, MIN(salary) AS salary FROM emp GROUP BY gender ORDER BY salary DESC",
    [
      [null, 70000],
      ["F", 50000],
      ["M", 40000],
    ],
  ],
  ["SELECT e.emp_no FROM emp AS e WHERE e.salary = 70000", [[3]]],
  [
    "SELECT COUNT(ALL last_name) AS count_all, COUNT(DISTINCT last_name) count_distinct FROM emp",
    [[6, 3]],
  ],
  ["SELECT AVG(salary / 12.0) AS avg FROM emp WHERE emp_no < 3", [[4583.333333333334]]],
  ["SELECT MAX(ABS(salary / -12.0)) AS max FROM emp", [[5833.333333333333]]],
  ["SELECT ROUND(SUM(salary / 12.0), 1) AS sum FROM emp", [[28333.3]]],
  ["SELECT STDDEV_POP(salary), VAR_POP(salary) FROM emp WHERE emp_no < 3", [[5000, 25000000]]],
  ["SELECT SUM_OF_SQUARES(salary), MAD(salary) FROM emp WHERE emp_no < 3", [[6.1e9, 5000]]],
  ["SELECT PERCENTILE(salary, 50) AS p FROM emp", [[57500]]],
  [
    "SELECT last_name FROM emp WHERE last_name NOT LIKE '%a%' AND last_name LIKE 'M%' ORDER BY 1",
    [["McAlpine"], ["McAlpine"]],
  ],
  ["SELECT UCASE(last_name) u FROM emp GROUP BY u", [["MCALPINE"], ["PEYN"], ["SIMMEL"]]],
];

test("SQL groups, filters and orders as the documentation has it", async (t) => {
  const mock = await startFor(t);
  // Texts have keywords beside them, as dynamic mappings make them.
  const lines = employees.map((employee) => `{"index":{}}\n${JSON.stringify(employee)}\n`);
  await send(mock, "POST", "/emp/_bulk?refresh", { body: lines.join("") });
  for (const [query, rows] of queries) {
    const { json, text } = await ask(mock, query, {}, "/_sql");
    assert.deepEqual(json["rows"], rows, `${query}: ${text}`);
  }
});
