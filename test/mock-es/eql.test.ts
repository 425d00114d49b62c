import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type MockEs, startMockEs } from "../../mock-es/index.ts";
import { eqlExamples, spans } from "./eql-vectors.ts";

let mock: MockEs;

interface EqlEventJson {
  readonly _id: string;
  readonly missing?: boolean;
  readonly fields?: unknown;
}

interface EqlJson {
  readonly id?: string;
  readonly status?: number;
  readonly error?: { readonly type: string; readonly reason: string };
  readonly hits: {
    readonly total: { readonly value: number };
    readonly events?: readonly EqlEventJson[];
    readonly sequences?: readonly {
      readonly join_keys?: readonly unknown[];
      readonly events: readonly EqlEventJson[];
    }[];
  };
}

async function send(method: string, path: string, body?: unknown): Promise<EqlJson> {
  const isBulk = path.includes("_bulk");
  const response = await fetch(mock.url + path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    headers: { "content-type": isBulk ? "application/x-ndjson" : "application/json" },
  });
  return (await response.json()) as EqlJson;
}

async function fill(index: string, properties: unknown, documents: readonly unknown[]) {
  await send("PUT", `/${index}`, { mappings: { properties } });
  const lines = documents.map((document, at) => {
    return `{"index":{"_id":"${at + 1}"}}\n${JSON.stringify(document)}\n`;
  });
  await send("POST", `/${index}/_bulk?refresh=true`, lines.join(""));
}

const text = { type: "text", fields: { keyword: { type: "keyword" } } };

before(async () => {
  mock = await startMockEs({ port: 0 });
  await fill(
    "logs",
    {
      "@timestamp": { type: "date" },
      event: { properties: { category: { type: "keyword" } } },
      process: {
        properties: {
          name: { type: "keyword" },
          pid: { type: "long" },
          args: { type: "keyword" },
          title: text,
          note: { type: "text" },
        },
      },
      file: { properties: { path: { type: "keyword" }, size: { type: "double" } } },
      source: { properties: { ip: { type: "ip" } } },
      alive: { type: "boolean" },
      place: { type: "geo_point" },
    },
    [
      event(0, "process", { process: { name: "cmd.exe", pid: 100, title: "Hello World" } }),
      event(1, "file", { process: { pid: 100 }, file: { path: "C:\\Windows\\a.txt", size: 1.5 } }),
      event(2, "process", { process: { name: "regsvr32.exe", pid: 200, args: ["a", "bcd"] } }),
      event(3, "network", { source: { ip: "10.1.2.3" }, process: { pid: 200 }, alive: true }),
      event(4, "process", { process: { name: "CMD.EXE", pid: 300 } }),
    ],
  );
  await fill(
    "spans",
    {
      "@timestamp": { type: "date" },
      kind: { type: "keyword" },
      tag: { type: "keyword" },
      n: { type: "long" },
    },
    spans,
  );
});

after(async () => {
  await mock.close();
});

function event(minute: number, category: string, more: object): object {
  return { "@timestamp": `2099-12-07T11:0${minute}:00.000Z`, event: { category }, ...more };
}

/** Ids of events, or of the events of each sequence, with `-` for one that is missing. */
async function ids(index: string, query: string, more: object = {}): Promise<unknown> {
  const answer = await send("POST", `/${index}/_eql/search`, { query, ...more });
  if (answer.error !== undefined) return answer.error.reason;
  const idOf = ({ _id, missing }: EqlEventJson): string => (missing === true ? "-" : _id);
  const { events, sequences = [] } = answer.hits;
  return events?.map(idOf).join(" ") ?? sequences.map((each) => each.events.map(idOf).join(" "));
}

test("EQL finds the events that conditions are true of", async () => {
  for (const [query, expected] of eqlExamples)
    assert.equal(await ids("logs", query), expected, query);
});

test("EQL shows the last events in their order, as many as are asked for", async () => {
  assert.equal(await ids("logs", "any where true", { size: 2 }), "4 5");
  assert.equal(await ids("logs", "any where true", { size: 2, result_position: "head" }), "1 2");
  assert.equal(await ids("logs", "any where true | head 3 | tail 1"), "3");
  assert.equal(await ids("logs", "any where true | tail 3 | head 1", { size: 2 }), "4");
  const filter = { term: { "process.pid": 100 } };
  assert.equal(await ids("logs", "any where true", { filter }), "1 2");
});

test("EQL answers events with their sources, and with fields where they are asked for", async () => {
  const body = { query: 'file where file.path : "*A.TXT"', fields: ["file.size", "@timestamp"] };
  const { took: _, ...answer } = (await send("POST", "/logs/_eql/search", body)) as EqlJson & {
    took: number;
  };
  assert.deepEqual(answer, {
    is_partial: false,
    is_running: false,
    timed_out: false,
    hits: {
      total: { value: 1, relation: "eq" },
      events: [
        {
          _index: "logs",
          _id: "2",
          _source: event(1, "file", {
            process: { pid: 100 },
            file: { path: "C:\\Windows\\a.txt", size: 1.5 },
          }),
          fields: { "file.size": [1.5], "@timestamp": ["2099-12-07T11:01:00.000Z"] },
        },
      ],
    },
  });
});

test("EQL joins events to sequences by keys, within a span, until something ends them", async () => {
  const join = "sequence by process.pid [process where true] ";
  const { hits } = await send("POST", "/logs/_eql/search", { query: `${join} [any where true]` });
  assert.deepEqual(
    hits.sequences?.map(({ join_keys: keys, events }) => [keys, events.map(({ _id }) => _id)]),
    [
      [[100], ["1", "2"]],
      [[200], ["3", "4"]],
    ],
  );
  const spanned = "sequence by process.pid with maxspan=30s [process where true] [any where true]";
  assert.deepEqual(await ids("logs", spanned), []);
  const plain = "sequence [process where true] [process where true]";
  assert.deepEqual(await ids("logs", plain), ["1 3", "3 5"]);
  assert.deepEqual(await ids("logs", `${plain} until [network where true]`), ["1 3"]);
  assert.deepEqual(await ids("logs", `${plain} | head 1`), ["1 3"]);
  assert.deepEqual(
    await ids("logs", "sequence [process where true] with runs=3 [any where true]"),
    [],
  );
  const either = 'sequence by ?nope [process where process.name : "cmd*"] [network where true]';
  assert.deepEqual(await ids("logs", either), ["1 4"]);
});

test("EQL finds sequences in which events are missing", async () => {
  const missing: readonly (readonly [string, readonly string[]])[] = [
    ["1s [a where tag == `n`] ![a where tag == `x`] [a where tag == `n`]", ["1 - 2", "2 - 4"]],
    ["1s [a where tag == `n`] ![a where tag == `m`] [a where tag == `n`]", ["1 - 2"]],
    ["1s [a where tag == `n`] ![a where tag == `m`]", ["4 -"]],
    ["3m ![b where tag == `m`] [b where tag == `n`]", ["- 6", "- 9", "- 10"]],
    [
      "19m ![b where tag == `m`] [b where tag == `n`] ![b where tag == `m`]",
      ["- 6 -", "- 8 -", "- 9 -", "- 10 -"],
    ],
    [
      "21m ![b where tag == `m`] [b where tag == `n`] ![b where tag == `m`]",
      ["- 8 -", "- 9 -", "- 10 -"],
    ],
  ];
  for (const [query, expected] of missing) {
    const written = `sequence with maxspan=${query.replaceAll("`", '"')}`;
    assert.deepEqual(
      await ids("spans", written, { event_category_field: "kind" }),
      expected,
      query,
    );
  }
});

test("EQL takes samples of events with the same keys, none twice", async () => {
  const sample = "sample by process.pid [any where true] [any where true]";
  assert.deepEqual(await ids("logs", sample), ["1 2", "3 4"]);
  const more = await ids("logs", sample, { max_samples_per_key: 2 });
  assert.deepEqual(more, ["1 2", "2 1", "3 4", "4 3"]);
});

test("EQL keeps results that were asked to be kept", async () => {
  const body = {
    query: "any where true",
    wait_for_completion_timeout: "2s",
    keep_on_completion: true,
  };
  const { id = "", hits } = await send("POST", "/logs/_eql/search", body);
  assert.deepEqual((await send("GET", `/_eql/search/${id}`)).hits, hits);
  const status = (await send("GET", `/_eql/search/status/${id}`)) as unknown as object;
  assert.partialDeepStrictEqual(status, { id, is_running: false, completion_status: 200 });
  assert.deepEqual(await send("DELETE", `/_eql/search/${id}`), { acknowledged: true });
  assert.equal((await send("GET", `/_eql/search/${id}`)).status, 404);
  assert.equal(
    (await send("POST", "/logs/_eql/search", { query: "any where true" })).id,
    undefined,
  );
});

test("EQL tells what is wrong with a query, and where", async () => {
  const problems: readonly (readonly [string, string])[] = [
    ["any where xxx == 1", "Found 1 problem\nline 1:11: Unknown column [xxx]"],
    [
      "any where alivo == 1",
      "Found 1 problem\nline 1:11: Unknown column [alivo], did you mean [alive]?",
    ],
    [
      "any where process.pid",
      "Found 1 problem\nline 1:11: Condition expression needs to be boolean, found [LONG]",
    ],
    [
      "any where place == 0",
      "Found 1 problem\nline 1:11: Cannot use field [place] with unsupported type [geo_point]",
    ],
    [
      'any where process.pid like "*.exe"',
      'Found 1 problem\nline 1:11: argument of [process.pid like "*.exe"] must be [string], found value [process.pid] type [long]',
    ],
    [
      'any where process.pid in (1, "string")',
      'Found 1 problem\nline 1:11: 2nd argument of [process.pid in (1, "string")] must be [long], found value ["string"] type [keyword]',
    ],
    [
      "any where length(process.note) > 0",
      "Found 1 problem\nline 1:11: [length(process.note)] cannot operate on field of data type [text]: No keyword/multi-field defined exact matches for [process.note]; define one or use MATCH/QUERY instead",
    ],
    [
      'any where cidrMatch(process.name, "10.0.0.0/8")',
      'Found 1 problem\nline 1:11: first argument of [cidrMatch(process.name, "10.0.0.0/8")] must be [ip], found value [process.name] type [keyword]',
    ],
    ["any where length()", "line 1:12: error building [length]: expects exactly one argument"],
    [
      "sequence with maxspan=30 [a where true] [b where true]",
      "line 1:24: No time unit specified, did you mean [s] as in [30s]?",
    ],
    [
      "sequence with maxspan=1s by key [a where true] [b where true]",
      "line 1:2: Please specify sequence [by] before [with] not after",
    ],
    [
      "sequence [any where true]",
      "line 1:2: A sequence requires a minimum of 2 queries, found [1]",
    ],
    [
      "sequence [any where true] with repeat=123",
      "line 1:33: Unrecognized option [repeat], expecting [runs]",
    ],
    [
      "any where process.pid == 'x'",
      `line 1:26: Use double quotes ["] to define string literals, not single quotes [']`,
    ],
    ["any where process.args[0] == 1", "line 1:24: Array indexes are not supported"],
    ["any where true | unique process.pid", "line 1:17: Pipe [unique] is not supported"],
  ];
  for (const [query, reason] of problems) assert.equal(await ids("logs", query), reason, query);
  const { error, status } = await send("POST", "/nowhere/_eql/search", { query: "any where true" });
  assert.deepEqual([status, error?.reason], [404, "no such index [nowhere]"]);
});
