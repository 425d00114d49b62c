import assert from "node:assert/strict";
import { test } from "node:test";
import { selfTimes } from "../../stress/bench/profile.ts";

const frame = (functionName: string, url = "", lineNumber = -1) => ({
  functionName,
  url,
  lineNumber,
});

test("lists self time by function, native ones by their callers, without idle time", () => {
  const lines = selfTimes({
    nodes: [
      { id: 1, callFrame: frame("(root)"), children: [2, 3, 5] },
      { id: 2, callFrame: frame("(idle)") },
      { id: 3, callFrame: frame("send", "file:///a/b/c/socket.ts", 9), children: [4] },
      { id: 4, callFrame: frame("writeBuffer") },
      { id: 5, callFrame: frame("append", "file:///a/b/c/journal.ts", 4), children: [6] },
      { id: 6, callFrame: frame("writeBuffer") },
    ],
    samples: [2, 4, 6, 4, 3],
    timeDeltas: [500, 40, 30, 20, 10],
  });
  assert.deepEqual(lines, [
    "  60.0 %  writeBuffer  called by send  b/c/socket.ts:10",
    "  30.0 %  writeBuffer  called by append  b/c/journal.ts:5",
    "  10.0 %  send  b/c/socket.ts:10",
  ]);
});
