import assert from "node:assert/strict";
import { Buffer, isUtf8 } from "node:buffer";
import test from "node:test";

import { redactedBody, settings, type Call } from "./support.ts";

test("lines of YAML are read like longer ones, wherever they are no UTF-8", () => {
  const yaml: Call = { ...settings, contentType: "application/yaml" };
  const first = ["41", "c2a0", "dfbf", "e0a080", "ed9fbf", "efbfbf", "f0908080", "f48fbfbf"];
  const broken = [
    "00",
    "80",
    "c0af",
    "c1bf",
    "e09fbf",
    "eda080",
    "f08fbfbf",
    "f4908080",
    "ff",
    "e282",
  ];
  for (const hex of [...first, ...broken]) {
    const line = Buffer.concat([
      Buffer.from("a: "),
      Buffer.from(hex, "hex"),
      Buffer.from(" b ccc"),
    ]);
    const isText = first.includes(hex);
    assert.equal(isUtf8(line) && !line.includes(0), isText, hex);
    for (const filling of ["", "x".repeat(300)]) {
      const { state } = redactedBody(yaml, Buffer.concat([line, Buffer.from(`${filling}\n`)]));
      assert.equal(state, isText ? "none" : "bounded", `${hex} and ${filling.length} more`);
    }
  }
});

test("rows of separators hide no name before them, and nothing of the object is one", () => {
  const text: Call = { ...settings, contentType: "text/plain" };
  for (const between of ["::", ":: : ", "=:", ":0:[]:", "&#58;:"]) {
    const rows = between.repeat(4);
    const { text: stored } = redactedBody(text, `:::: a:: password${rows}s3cret`);
    assert.ok(!stored.includes("s3cret"), stored);
  }
  const plain = "token&valueOf;x&constructor;%zz\\q\\\\u00zz";
  assert.deepEqual(redactedBody(text, plain).text, plain);
  assert.equal(redactedBody(text, "x&quot;password&quot;&colon;s3cret").state, "bounded");
});
