import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  postgresStartup,
  type PostgresSession,
} from "../../../src/tcp/matchers/postgres-startup.ts";
import { absent, captureBytes } from "../real-client.ts";
import { assertMatches, assertNoMatch } from "./match-checks.ts";

const psql = { skip: absent("psql") };

test("reads the startup message of psql", psql, async (t) => {
  const bytes = await startup(
    t,
    "dbname=shop user=ann sslmode=disable gssencmode=disable application_name=test",
  );
  const session = postgresStartup(bytes) as PostgresSession;
  assert.equal(session.parameters.get("application_name"), "test");
  assertMatches(postgresStartup, bytes, {
    kind: "startup",
    user: "ann",
    database: "shop",
    parameters: session.parameters,
    version: "3.0",
    offset: 0,
    length: bytes.length,
  });
});

test(
  "sees psql ask for encryption, and reads the startup message behind the refusal",
  psql,
  async (t) => {
    const kinds: (string | undefined)[] = [];
    const bytes = await startup(t, "dbname=shop user=ann sslmode=prefer", kinds);
    assert.deepEqual(kinds.slice(0, 1), ["ssl-request"]);
    const session = postgresStartup(bytes);
    assert.ok(session?.kind === "startup");
    assert.deepEqual(
      [session.user, session.database, session.offset, session.length],
      ["ann", "shop", 8, bytes.length],
    );
    const own = postgresStartup(bytes.subarray(session.offset));
    assert.ok(own?.kind === "startup" && own.offset === 0);
  },
);

async function startup(
  t: TestContext,
  conninfo: string,
  kinds: (string | undefined)[] = [],
): Promise<Buffer> {
  const isWhole = (sent: Buffer): boolean => {
    const found = postgresStartup(sent);
    return found === null || found?.kind === "startup";
  };
  const args = (port: number): string[] => [
    "-w",
    "-c",
    "select 1",
    `host=127.0.0.1 port=${port} ${conninfo}`,
  ];
  return captureBytes(t, "psql", args, isWhole, (sent) => {
    const kind = postgresStartup(sent)?.kind;
    if (kind !== "ssl-request" && kind !== "gss-request") return undefined;
    kinds.push(kind);
    return "N";
  });
}

test("takes the user's name for the database when none was sent", () => {
  const session = postgresStartup(message("user\0ann\0\0"));
  assert.ok(session?.kind === "startup");
  assert.equal(session.database, "ann");
});

test("reads requests for encryption and for cancelling", () => {
  assert.deepEqual(postgresStartup(Buffer.from("0000000804d2162f", "hex")), {
    kind: "ssl-request",
  });
  const gss = Buffer.from("0000000804d21630", "hex");
  assert.deepEqual(postgresStartup(gss), { kind: "gss-request" });
  const cancel = Buffer.from("0000001004d2162e0000002a00000007", "hex");
  assertMatches(postgresStartup, cancel, { kind: "cancel", processId: 42, length: 16 });
});

test("refuses what is not PostgreSQL's protocol 3", () => {
  const ssl = Buffer.from("0000000804d2162f", "hex");
  assertNoMatch(postgresStartup, "GET / HTTP");
  assertNoMatch(postgresStartup, Buffer.from("0000000700030000", "hex"));
  assertNoMatch(postgresStartup, Buffer.from("0001000000030000", "hex"));
  assertNoMatch(postgresStartup, Buffer.from("0000000900020000ff", "hex"));
  assertNoMatch(postgresStartup, message("database\0x\0\0"));
  assertNoMatch(postgresStartup, message("user\0ann\0"));
  assert.equal(postgresStartup(Buffer.concat([ssl, ssl, ssl])), null);
});

function message(parameters: string): Buffer {
  const text = Buffer.from(parameters);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + text.length);
  head.writeUInt32BE(3 << 16, 4);
  return Buffer.concat([head, text]);
}
