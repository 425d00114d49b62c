import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { makeTempDir } from "../../support/temp-dir.ts";
import { Client } from "@elastic/elasticsearch";
import { clientCaller } from "./client-call.ts";
import type { FileResult, RunOptions } from "./run-file.ts";
import { toPattern } from "./java-pattern.ts";
import { runFolder } from "./run-folder.ts";

/** Answers of a tiny server by path; everything else has no handler. */
const answers: Readonly<Record<string, { readonly status: number; readonly body: unknown }>> = {
  "/a/_doc/1": {
    status: 200,
    body: { _id: "1", n: 5, list: [1, 2], text: "hello", empty: {}, "dotted.key": true },
  },
  "/a/_doc/2": { status: 404, body: { _id: "2", found: false } },
  "/a/_doc/abc": { status: 200, body: { _id: "abc" } },
  "/a/_doc/409": {
    status: 409,
    body: { error: { type: "conflict_exception", reason: "no" }, status: 409 },
  },
  "/_ml/anomaly_detectors": {
    status: 400,
    body: { error: { type: "x", reason: "[jobs] is not supported by mock-es" }, status: 400 },
  },
  "/_ml/info": {
    status: 400,
    body: { error: "no handler found for uri [/_ml/info] and method [GET]" },
  },
};
/** Type and body of the requests that had one, by path. */
const received = new Map<string, { readonly type: string; readonly body: string }>();
const deleted: string[] = [];
let server: Server;
let url: string;

before(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      if (body === "") return;
      received.set(request.url ?? "", { type: request.headers["content-type"] ?? "", body });
    });
    if (request.method === "DELETE") deleted.push(request.url ?? "");
    const answer = answers[request.url ?? ""] ?? { status: 200, body: { acknowledged: true } };
    response.writeHead(answer.status, {
      "x-elastic-product": "Elasticsearch",
      "content-type": "application/json",
    });
    response.end(JSON.stringify(answer.body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

/** Runs a file of these sections; `supported` are the APIs that the server has to have. */
async function runText(...sections: readonly string[]): Promise<FileResult> {
  return runWith({}, ...sections);
}

async function runWith(
  options: Omit<RunOptions, "call"> & { readonly supported?: ReadonlySet<string> },
  ...sections: readonly string[]
): Promise<FileResult> {
  await using folder = await makeTempDir("es-proxy-yaml");
  await writeFile(folder.file("one.yml"), `---\n${sections.join("\n---\n")}\n`);
  const client = new Client({ node: url });
  const { supported, ...rest } = options;
  try {
    const call = clientCaller(client, supported);
    const [result] = await runFolder(folder.path, { ...rest, call });
    assert.ok(result !== undefined);
    return result;
  } finally {
    await client.close();
  }
}

function detailOf(result: FileResult): string {
  return result.detail + result.tests.map((entry) => entry.detail).join();
}

const get = "  - do: { get: { index: a, id: 1 } }";

async function verdictOf(...steps: readonly string[]): Promise<string> {
  const result = await runText(
    ["'a test':", get, ...steps.map((step) => `  - ${step}`)].join("\n"),
  );
  return result.verdict;
}

test("assertions hold for what the answer is", async () => {
  const result = await runText(
    [
      "'a test':",
      get,
      "  - match: { n: 5, list.1: 2, text: /^he/, empty: {} }",
      "  - match: { $body: { _id: '1', n: 5, list: [1, 2], text: hello, empty: {}, " +
        "dotted.key: true } }",
      "  - match: { 'dotted\\.key': true }",
      "  - length: { list: 2, text: 5, empty: 0 }",
      "  - gt: { n: 4 }",
      "  - gte: { n: 5 }",
      "  - lt: { n: 6 }",
      "  - lte: { n: 5 }",
      "  - contains: { list: 2 }",
      "  - exists: empty",
      "  - close_to: { n: { value: 4.9, error: 0.2 } }",
      "  - is_true: empty",
      "  - is_false: nothing",
    ].join("\n"),
  );
  assert.equal(detailOf(result), "");
  assert.equal(result.verdict, "pass");
  assert.deepEqual(result.tests[0]?.loosened, []);
  assert.equal(result.tests[0]?.assertions, 18);
});

test("assertions fail for what the answer is not", async () => {
  const wrong = [
    "match: { n: 6 }",
    "match: { n: /5/ }",
    "match: { text: /^lo/ }",
    "match: { list: [1] }",
    "match: { nothing: 1 }",
    "length: { list: 3 }",
    "gt: { n: 5 }",
    "gte: { n: 6 }",
    "lt: { n: 5 }",
    "lte: { text: 5 }",
    "contains: { list: 3 }",
    "exists: nothing",
    "is_true: nothing",
    "is_false: n",
    "close_to: { n: 5 }",
    "set: { nothing: x }",
  ];
  for (const step of wrong) assert.equal(await verdictOf(step), "fail", step);
});

test("a comparison that only Elastic's own runner accepts is counted", async () => {
  const result = await runText(
    ["'a test':", get, "  - match: { text: hell }", "  - match: { n: '5' }"].join("\n"),
  );
  assert.equal(result.verdict, "pass");
  assert.equal(result.tests[0]?.loosened.length, 2);
});

test("an expected error must come, and must be the expected one", async () => {
  const run = async (call: string): Promise<string> =>
    (await runText(`'a test':\n  - do: ${call}`)).verdict;
  assert.equal(await run("{ catch: missing, get: { index: a, id: 2 } }"), "pass");
  assert.equal(await run("{ catch: conflict, get: { index: a, id: 409 } }"), "pass");
  assert.equal(await run("{ catch: /conflict_exc/, get: { index: a, id: 409 } }"), "pass");
  assert.equal(await run("{ catch: missing, get: { index: a, id: 409 } }"), "fail");
  assert.equal(await run("{ catch: missing, get: { index: a, id: 1 } }"), "fail");
  assert.equal(await run("{ catch: nonsense, get: { index: a, id: 2 } }"), "fail");
  assert.equal(await run("{ get: { index: a, id: 2 } }"), "fail");
  assert.equal(await run("{ get: { index: a, id: 2, ignore: 404 } }"), "pass");
  assert.equal(await run("{ warnings: [old], get: { index: a, id: 1 } }"), "fail");
});

test("a kept value goes into later calls and expectations", async () => {
  const kept = "  - do: { get: { index: a, id: abc } }\n  - set: { _id: id }\n";
  const later =
    "  - do: { get: { index: a, id: $id } }\n  - match: { _id: $id }\n  - match: { _id: 'a${id}' }";
  const result = await runText(`'a test':\n${kept}${later}`);
  assert.match(detailOf(result), /"abc" is not "aabc"/);
});

test("the teardown runs after a failure and does not hide it", async () => {
  deleted.length = 0;
  const result = await runText(
    "teardown:\n  - do: { indices.delete: { index: a } }",
    `'a test':\n${get}\n  - match: { n: 6 }`,
  );
  assert.equal(result.verdict, "fail");
  assert.match(detailOf(result), /5 is not 6/);
  assert.deepEqual(deleted, ["/a"]);
});

test("a test that needs an API that the server does not have is refused, the rest still runs", async () => {
  const other = "'another test':\n  - do: { get: { index: a, id: 1 } }";
  const result = await runText("'a test':\n  - do: { ml.info: {} }", other);
  assert.deepEqual(
    result.tests.map((entry) => entry.verdict),
    ["refused", "pass"],
  );
  assert.equal(result.verdict, "pass");
  const [alone] = (await runText("'a test':\n  - do: { ml.info: {} }")).tests;
  assert.equal(alone?.verdict, "refused");
});

test("a missing route of an API that the server claims to have is a failure", async () => {
  const step = "'a test':\n  - do: { ml.info: {} }";
  assert.equal((await runWith({ supported: new Set(["ml.info"]) }, step)).verdict, "fail");
});

test("a refusal that names what is not supported is a refusal", async () => {
  assert.equal((await runText("'a test':\n  - do: { ml.getJobs: {} }")).verdict, "refused");
});

test("a body of text goes out as JSON", async () => {
  const step = `'a test':\n  - do: { index: { index: a, id: text, body: '{"x":1}' } }`;
  assert.equal((await runText(step)).verdict, "pass");
  assert.deepEqual(received.get("/a/_doc/text"), {
    type: "application/vnd.elasticsearch+json; compatible-with=9",
    body: '{"x":1}',
  });
});

test("a repository is called as the client calls it", async () => {
  const step = "snapshot.create_repository: { repository: r, body: { type: fs } }";
  assert.equal((await runText(`'a test':\n  - do: { ${step} }`)).verdict, "pass");
  assert.ok(received.has("/_snapshot/r"));
});

test("a file whose tests are all skipped is skipped", async () => {
  const skip = "  - skip: { features: [nonsense] }";
  const result = await runText(`'one':\n${skip}\n${get}`, `'two':\n${skip}\n${get}`);
  assert.equal(result.verdict, "skip");
});

test("values that span lines may begin anywhere, as for the reader of Elastic's own runner", async () => {
  const spanning = `  - do:
      index:
        index: a
        id: 7
        body: { "a": "first
second",
  "b": [1,
 2] }`;
  assert.equal((await runText(`'a test':\n${spanning}`)).verdict, "pass");
  assert.deepEqual(JSON.parse(received.get("/a/_doc/7")?.body ?? ""), {
    a: "first second",
    b: [1, 2],
  });
});

test("a keyword that the runner does not know fails the test", async () => {
  const result = await runText(`'a test':\n${get}\n  - is_almost: { n: 5 }`);
  assert.equal(result.verdict, "fail");
  assert.match(detailOf(result), /unknown keyword is_almost/);
});

test("version ranges skip the versions that they name", async () => {
  const verdict = async (range: string): Promise<string> => {
    const text = `'a test':\n  - skip: { version: "${range}", reason: r }\n${get}`;
    return (await runWith({ version: "9.3.1" }, text)).verdict;
  };
  assert.equal(await verdict("all"), "skip");
  assert.equal(await verdict(" - 9.3.0"), "pass");
  assert.equal(await verdict(" - 9.3.1"), "skip");
  assert.equal(await verdict("9.4.0 - "), "pass");
  assert.equal(await verdict("7.0.0 - 7.2.0, 9.3.0 - 10.0.0"), "skip");
});

test("verbose patterns leave out white space and comments", () => {
  assert.ok(toPattern(" ^ a \\ b # c\n $ ", true).test("a b"));
  assert.ok(!toPattern("a b", false).test("ab"));
  assert.ok(toPattern("^x++$", false).test("xx\n"));
});

test("a file is skipped only by its own word, and a file that cannot be read fails", async () => {
  assert.equal(
    (await runText("requires: { stack: false, serverless: true }", `'a test':\n${get}`)).verdict,
    "skip",
  );
  assert.equal(
    (await runText("requires: { nonsense: true }", `'a test':\n${get}`)).verdict,
    "fail",
  );
  assert.equal((await runText("'a test': { a: 1 }")).verdict, "fail");
  assert.equal((await runText("'a test':\n  - do: { no.such_call: {} }")).verdict, "fail");
});
