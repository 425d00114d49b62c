import type { CorpusGroup } from "./corpus.ts";

/** `_bulk`: all four actions, item errors, whole-request errors. */
export const bulk: CorpusGroup = {
  name: "bulk",
  steps: [
    {
      ask: "POST /_bulk?refresh=true",
      body: [
        { index: { _index: "b", _id: "1" } },
        { n: 1 },
        { create: { _index: "b", _id: "2" } },
        { n: 2 },
        { update: { _index: "b", _id: "1" } },
        { doc: { m: 1 } },
        { delete: { _index: "b", _id: "2" } },
        { delete: { _index: "b", _id: "never" } },
      ],
    },
    { ask: "PUT /b/_bulk", body: [{ index: { _id: "3" } }, { n: 3 }, { index: {} }, { n: 4 }] },
    {
      ask: "POST /b/_bulk",
      body: [{ create: { _id: "1" } }, { n: 9 }, { index: { _id: "5" } }, { n: 5 }],
    },
    { ask: "POST /b/_bulk", body: [{ index: { _id: "1", op_type: "create" } }, { n: 9 }] },
    { ask: "POST /b/_bulk", body: [{ update: { _id: "gone" } }, { doc: { n: 1 } }] },
    {
      ask: "POST /b/_bulk",
      body: [{ update: { _id: "up" } }, { doc: { n: 1 }, doc_as_upsert: true }],
    },
    { ask: "POST /b/_bulk", body: [{ update: { _id: "1", _source: true } }, { doc: { n: 77 } }] },
    { ask: "POST /b/_bulk", body: [{ update: { _id: "1" } }, { doc: { n: 77 } }] },
    {
      ask: "POST /b/_bulk",
      body: [{ index: { _id: "1", if_seq_no: 0, if_primary_term: 1 } }, { n: 9 }],
    },
    { ask: "POST /b/_bulk", body: [{ index: { _id: "1", require_alias: true } }, { n: 9 }] },
    {
      ask: "POST /b/_bulk",
      body: [{ index: { _id: "" } }, { n: 9 }, { index: { _id: "6" } }, { n: 6 }],
    },
    { ask: "POST /b/_bulk", body: [{ index: { _id: "7", routing: "r" } }, { n: 7 }] },
    {
      ask: "POST /b/_bulk",
      body: [{ index: { _id: "8", version: 5, version_type: "external" } }, { n: 8 }],
    },
    {
      ask: "POST /b/_bulk",
      body: [{ index: { _id: "8" } }, { n: "not a number" }, { index: { _id: "9" } }, { n: 9 }],
    },
    { ask: "POST /_bulk", body: [{ index: { _index: "Bad", _id: "1" } }, { n: 1 }] },
    {
      ask: "POST /b/_bulk?filter_path=errors,items.*.status",
      body: [{ index: { _id: "1" } }, { n: 1 }],
    },
    { ask: "POST /b/_bulk?filter_path=-items,-took", body: [{ index: { _id: "1" } }, { n: 1 }] },
    {
      ask: "POST /b/_bulk",
      body: '{"index":{"_id":"1"}}\r\n{"n":1}\r\n\n{"index":{"_id":"2"}}\n{"n":2}\n',
    },
    { ask: "POST /b/_bulk", body: '{"index":{"_id":"1"}}\n{"n":1}' },
    { ask: "POST /b/_bulk", body: "" },
    { ask: "POST /b/_bulk", body: "\n" },
    { ask: "POST /b/_bulk", body: "{}\n" },
    { ask: "POST /b/_bulk", body: '{"index":{"_id":"1"}}\n{"n":1}\n{}\n' },
    { ask: "POST /b/_bulk", body: '{"index":{"_id":"1"}}\n{bad\n' },
    { ask: "POST /b/_bulk", body: "not json\n" },
    { ask: "POST /b/_bulk", body: [{ nonsense: { _id: "1" } }, { n: 1 }] },
    { ask: "POST /b/_bulk", body: [{ index: { _id: "1", nonsense: 1 } }, { n: 1 }] },
    { ask: "POST /b/_bulk", body: [{ update: { _id: "1", version: 2 } }, { doc: { n: 1 } }] },
    { ask: "POST /b/_bulk", body: [{ update: { _id: "1" } }, { nonsense: 1 }] },
    { ask: "POST /b/_bulk", body: [{ index: { _id: "1" } }] },
    { ask: "POST /b/_bulk", body: [{ delete: {} }] },
    { ask: "POST /b/_bulk", body: '{"index":["_id"]}\n{"n":1}\n' },
    { ask: "POST /_bulk", body: [{ index: { _id: "1" } }, { n: 1 }] },
    { ask: "POST /_bulk", body: [{ index: { _index: "b2", dynamic_templates: {} } }, { n: 1 }] },
    { ask: "POST /b/_refresh" },
    { ask: "GET /b/_count" },
    { ask: "POST /b/_bulk", body: "index", headers: { "content-type": "text/plain" } },
  ],
};
