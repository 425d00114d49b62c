import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import type { ReadProblem } from "../../../src/audit/read/read-problem.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { FileCompression } from "../../../src/audit/retention/file-compression.ts";
import { HeldEntries, HeldSegments } from "../../../src/audit/retention/held-entries.ts";
import { writeHolds } from "../../../src/audit/retention/holds.ts";
import { listUnits } from "../../../src/audit/retention/segment-unit.ts";
import { compileFilter } from "../../../src/kql/filter.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { testVariants } from "../../support/test-variants.ts";
import { basic, MadeTrail } from "./made-directory.ts";

interface Found {
  readonly users: readonly string[];
  readonly unsearched: readonly string[];
}

async function find(directory: string, text: string): Promise<Found> {
  const users: string[] = [];
  const unsearched: string[] = [];
  const listener = {
    problem: ({ kind, message }: ReadProblem) => {
      if (kind === "unsearched") unsearched.push(message.replace(/^the (\w+) body of \S+/, "$1"));
    },
    gap: () => undefined,
  };
  const filter = compileFilter(text, { nowMs: 0 });
  for await (const entries of readTrail({ directory, filter, listener }))
    for (const entry of entries) users.push(entry.text("user.name") ?? "");
  return { users: users.sort(), unsearched };
}

const words = (secret: string, bytes = 3000): Buffer =>
  Buffer.from(
    JSON.stringify({ note: `the number is ${secret}, and so on`, fill: "ab ".repeat(bytes / 3) }),
  );

const codings = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
} as const;

testVariants(
  "a filter finds bodies in packs, in their coding, and of other bytes than text",
  { ecs: "ecs", text: "text" } as const,
  async (format) => {
    await using directory = await makeTempDir();
    const made = new MadeTrail(directory.path, { format });
    const exchange = async (user: string, request: Buffer, answer: Buffer, coding?: string) => {
      const coded = coding === undefined ? {} : { contentEncoding: coding };
      const record = await made.begin({ authorization: basic(user), ...coded }, request);
      await made.end(record, {}, answer);
    };
    await exchange("inline", words("alpha", 30), Buffer.from("{}"));
    await exchange("packed", words("alpha"), Buffer.from("{}"));
    await exchange("answered", Buffer.from("{}"), words("alpha"));
    await exchange("none", words("beta"), words("beta"));
    await exchange("bytes", Buffer.from([...words("alpha", 30), 0xff]), Buffer.from("{}"));
    for (const [coding, encode] of Object.entries(codings)) {
      await exchange(`${coding} inline`, encode(words("alpha", 30)), Buffer.from("{}"), coding);
      const noise = Array.from({ length: 900 }, (_, at) => (at * at * 7919) % 9973).join(" ");
      await exchange(coding, encode(words(`alpha ${noise}`)), Buffer.from("{}"), coding);
    }
    await made.trail.close();
    // Lines of the text format hold no answers, and do not name codings.
    const isText = format === "text";
    const all = ["bytes", "inline", "packed", ...(isText ? [] : ["answered", "br", "br inline"])];
    for (const coding of ["deflate", "gzip", "zstd"]) all.push(coding, `${coding} inline`);
    all.sort();
    const unsearched = isText ? ["bytes", "br inline", "br"] : [];
    for (const text of ["body: alpha", 'body: "number is alpha"', "body: *alpha*", "alpha"]) {
      const found = await find(directory.path, text);
      assert.deepEqual(found.users, isText ? all.filter((user) => user !== "bytes") : all, text);
      assert.equal(found.unsearched.length, unsearched.length, text);
    }
    const others = (await find(directory.path, "not body: alpha")).users;
    assert.deepEqual(others, isText ? ["answered", "br", "br inline", "bytes", "none"] : ["none"]);
    assert.deepEqual((await find(directory.path, "body: beta and user: none")).users, ["none"]);
    const answers = await find(directory.path, "http.response.body.content.text: alpha");
    assert.deepEqual(answers.users, isText ? [] : ["answered"]);
  },
);

test("a filter finds bodies in packs that were compressed", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  const record = await made.begin({ authorization: basic("packed") }, words("alpha"));
  await made.end(record, {}, words("beta"));
  await made.trail.close();
  const journal = readdirSync(directory.path).find((name) => name.endsWith(".ndjson")) ?? "";
  const pack = readdirSync(directory.path).find((name) => name.endsWith(".pack")) ?? "";
  const compression = new FileCompression(directory.path, pack);
  while (!compression.step());
  rmSync(directory.file(pack), { force: true });
  assert.notEqual(journal, "");
  const found = await find(directory.path, "body: alpha and body: beta");
  assert.deepEqual(found, { users: ["packed"], unsearched: [] });
});

test("of a body that was cut off what came of it is searched, in its coding, too", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  for (const [coding, encode] of [["identity", undefined], ...Object.entries(codings)] as const) {
    // Several blocks of zstd, which is decoded block by block.
    const noise = Array.from({ length: 90_000 }, (_, at) => hash("md5", `${at}`).slice(0, 4));
    const whole =
      encode === undefined ? words("alpha", 30_000) : encode(words(`alpha ${noise.join(" ")}`));
    const record = await made.begin({ authorization: basic(coding) });
    record.responseContentEncoding = coding;
    const tap = made.trail.tapResponse(record);
    tap.write(whole, 0, Math.floor(whole.length / 2));
    tap.finish(false);
    await made.end(record);
  }
  await made.trail.close();
  const { users, unsearched } = await find(directory.path, "body: alpha");
  assert.deepEqual(unsearched, []);
  assert.deepEqual(users, [...Object.keys(codings), "identity"].sort());
});

test("bodies that cannot be searched are told, and only where they are asked for", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  for (const user of ["lost", "kept"]) {
    const record = await made.begin({ authorization: basic(user) }, words("alpha", 30));
    await made.end(record, {}, user === "lost" ? words("beta") : Buffer.from("{}"));
  }
  const strange = await made.begin(
    { authorization: basic("strange"), contentEncoding: "rot13" },
    words("alpha", 30),
  );
  await made.end(strange);
  await made.trail.close();
  const pack = readdirSync(directory.path).find((name) => name.endsWith(".pack")) ?? "";
  renameSync(directory.file(pack), directory.file("elsewhere"));
  const unsearched = [
    `response was not searched: the body at 16 of ${pack} cannot be read: the pack is not there`,
    "request was not searched: its coding is not known",
  ];
  assert.deepEqual(await find(directory.path, "body: gamma"), { users: [], unsearched });
  const not = await find(directory.path, "not body: alpha and user: (lost or strange)");
  assert.deepEqual(not.unsearched.length, 1);
  assert.deepEqual(await find(directory.path, "user: kept and body: alpha"), {
    users: ["kept"],
    unsearched: [],
  });
  assert.deepEqual((await find(directory.path, "user: lost")).unsearched, []);
  writeFileSync(directory.file(pack), "no pack");
  assert.match((await find(directory.path, "body: gamma")).unsearched[0] ?? "", /no pack of this/);
});

test("a hold finds bodies in packs, and holds what it cannot search", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path, { rotateBytes: 1 });
  for (const [user, secret] of [
    ["one", "alpha"],
    ["two", "beta"],
    ["three", "gamma"],
  ] as const) {
    const record = await made.begin({ authorization: basic(user) }, words(secret));
    await made.end(record);
  }
  await made.begin();
  await made.trail.close();
  const why = { reason: "r", by: "b", at: new Date(0).toISOString() };
  writeHolds(directory.path, [{ id: "h", filter: "body: alpha", ids: [], ...why }]);
  const held = async (): Promise<string[]> => {
    const holds = new HeldEntries(directory.path, 0);
    const users: string[] = [];
    for await (const entries of readTrail({ directory: directory.path }))
      for (const entry of entries) if (holds.has(entry)) users.push(entry.text("user.name") ?? "");
    holds.close();
    return users;
  };
  assert.deepEqual(await held(), ["one"]);
  const segments = new HeldSegments(directory.path);
  segments.begin(0);
  const isHeld = async (): Promise<boolean[]> => {
    const answers: boolean[] = [];
    for (const unit of listUnits(directory.path)) answers.push(await segments.has(unit));
    return answers;
  };
  // The request's segment, and that of its answer.
  const [first, second, ...others] = await isHeld();
  assert.deepEqual([first, second, others.includes(true)], [true, true, false]);
  for (const name of readdirSync(directory.path))
    if (name.endsWith(".pack")) rmSync(directory.file(basename(name)));
  assert.deepEqual((await held()).sort(), ["one", "three", "two"]);
});
