import assert from "node:assert/strict";
import { test } from "node:test";
import { gitRequest } from "../../../src/tcp/matchers/git-request.ts";
import { absent, captureBytes } from "../real-client.ts";
import { assertMatches, assertNoMatch } from "./match-checks.ts";

const isWhole = (bytes: Buffer): boolean => gitRequest(bytes) !== undefined;

test(
  "reads the request of a real git, protocol version 2 and its host with it",
  { skip: absent("git") },
  async (t) => {
    let port = 0;
    const bytes = await captureBytes(
      t,
      "git",
      (own) => {
        port = own;
        return ["-c", "protocol.version=2", "ls-remote", `git://127.0.0.1:${own}/alice/site.git`];
      },
      isWhole,
    );
    assertMatches(gitRequest, bytes, {
      service: "git-upload-pack",
      path: "/alice/site.git",
      host: `127.0.0.1:${port}`,
      parameters: ["version=2"],
      length: bytes.length,
    });
  },
);

test("reads the request of a real git archive", { skip: absent("git") }, async (t) => {
  const args = (port: number): string[] => [
    "archive",
    `--remote=git://127.0.0.1:${port}/bob/x`,
    "HEAD",
  ];
  const request = gitRequest(await captureBytes(t, "git", args, isWhole));
  assert.deepEqual([request?.service, request?.path], ["git-upload-archive", "/bob/x"]);
});

test("reads a request without host", () => {
  const bytes = Buffer.from("001cgit-receive-pack /a/b.g\0");
  assertMatches(gitRequest, bytes, {
    service: "git-receive-pack",
    path: "/a/b.g",
    host: undefined,
    parameters: [],
    length: 28,
  });
});

test("refuses what is not a git request", () => {
  for (const bytes of [
    "GET /",
    "0000",
    "0004",
    "ffffgit-upload-pack /x",
    "0020git-upload-pick /",
    "0020git upload-pack ",
    "0016git-upload-pack \0\0",
  ])
    assertNoMatch(gitRequest, bytes);
  assert.equal(gitRequest(Buffer.from("x")), null);
  assert.equal(gitRequest(Buffer.from("0020h")), null);
});
