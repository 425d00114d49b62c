import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { HttpErrorSpec, TcpErrorSpec } from "../../src/core/error-spec.ts";
import { errorTable } from "../../src/core/errors.ts";
import type { ErrorCode } from "../../src/core/errors.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/errors.md"), "utf8");

/** What the page says of one code, line ends inside a paragraph taken away. */
interface Entry {
  readonly code: string;
  readonly paragraphs: readonly string[];
}

const entries: readonly Entry[] = page
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [code = "", ...paragraphs] = (section.split(/^## /m)[0] ?? "").trim().split(/\n{2,}/);
    return { code, paragraphs: paragraphs.map((text) => text.replace(/\n(> )?/g, " ")) };
  });

/** The paragraph of facts that a row of the table stands for; `undefined`: it has none. */
function factsOf(code: ErrorCode): string | undefined {
  const row = errorTable[code];
  if (row.kind === "start") return undefined;
  const facts = [
    ...(row.kind === "http" ? [`answer: \`${row.status}\` \`es_proxy_${row.type}\``] : []),
    `recorded as \`${row.outcome}\``,
    `tried again: \`${row.retry}\``,
    `connection: \`${row.closesClient ? "closed" : "kept"}\``,
    `source: \`${row.source}\``,
  ].join(" · ");
  return facts.charAt(0).toUpperCase() + facts.slice(1);
}

test("docs/errors.md describes every code of the table, in its order, and no other", () => {
  assert.deepEqual(
    entries.map(({ code }) => code),
    Object.keys(errorTable),
  );
});

test("docs/errors.md gives each code the reason and the columns of the table", () => {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    const [reason, ...rest] = entries.find((entry) => entry.code === code)?.paragraphs ?? [];
    const { reason: expected } = errorTable[code];
    assert.equal(reason, `> ${expected.charAt(0).toUpperCase()}${expected.slice(1)}.`, code);
    const facts = factsOf(code);
    if (facts !== undefined) assert.equal(rest.shift(), facts, code);
    const [cause = "", remedy = "", ...more] = rest;
    assert.match(cause, /^\*\*Cause\.\*\* .{20}/, code);
    assert.match(remedy, /^\*\*What to do\.\*\* .{10}/, code);
    assert.deepEqual(more, [], code);
  }
});

test("a code without outcome, retry or the client's connection does not compile", () => {
  const row = { source: "internal", reason: "x" } as const;
  const http = { ...row, kind: "http", status: 500, type: "x" } as const;
  const columns = { outcome: "rejected", retry: "never", closesClient: false } as const;
  // @ts-expect-error: three columns are missing
  const bare: HttpErrorSpec = http;
  // @ts-expect-error: the outcome is missing
  const noOutcome: HttpErrorSpec = { ...http, retry: "never", closesClient: false };
  // @ts-expect-error: whether it is tried again is missing
  const noRetry: TcpErrorSpec = { ...row, kind: "tcp", outcome: "rejected", closesClient: true };
  // @ts-expect-error: what becomes of the connection is missing
  const noEnd: TcpErrorSpec = { ...row, kind: "tcp", outcome: "rejected", retry: "never" };
  const whole: HttpErrorSpec = { ...http, ...columns };
  assert.equal(new Set([bare, noOutcome, noRetry, noEnd, whole]).size, 5);
});
