import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { JsonScanner } from "../../../src/elasticsearch/body/json-scanner.ts";
import {
  jsonKind,
  maxJsonDepth,
  type JsonKind,
  type JsonVisitor,
} from "../../../src/elasticsearch/body/json-visitor.ts";
import { cut, mutated, pieceSizes, runs, wholeText } from "./arbitraries.ts";
import { parseWhole, type Node } from "./reference-json.ts";

/** Which members are reported and which containers entered, by name and by place. */
interface Wanted {
  key(name: string): boolean;
  open(depth: number, isArray: boolean): boolean;
}

const everything: Wanted = { key: () => true, open: () => true };
const kindNames = Object.entries(jsonKind);

class Recorder implements JsonVisitor {
  readonly events: string[] = [];
  readonly scanner: JsonScanner = new JsonScanner(this);
  readonly #wanted: Wanted;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
  }

  key(bytes: Buffer, start: number, end: number): boolean {
    const name = bytes.toString("latin1", start, end);
    this.events.push(`key ${name}`);
    return this.#wanted.key(name);
  }

  open(isArray: boolean): boolean {
    const { valueStart, depth } = this.scanner;
    this.events.push(`open ${isArray ? "array" : "object"} ${valueStart}`);
    return this.#wanted.open(depth, isArray);
  }

  close(isArray: boolean): void {
    this.events.push(`close ${isArray ? "array" : "object"} ${this.scanner.valueEnd}`);
  }

  scalar(kind: JsonKind): boolean {
    const { valueStart, valueEnd } = this.scanner;
    const name = kindNames.find(([, value]) => value === kind)?.[0] ?? "";
    const type = kind <= jsonKind.number ? name : "literal";
    const text = Buffer.from(this.scanner.text()).toString("latin1");
    this.events.push(`${type} ${text} ${valueStart}-${valueEnd}`);
    return true;
  }
}

function eventsOf(node: Node, wanted: Wanted, depth = 1): string[] {
  switch (node.kind) {
    case "object":
    case "array": {
      const isArray = node.kind === "array";
      const events = [`open ${node.kind} ${node.start}`];
      if (wanted.open(depth, isArray)) {
        if (isArray)
          for (const child of node.elements) events.push(...eventsOf(child, wanted, depth + 1));
        else
          for (const { name, value } of node.members) {
            events.push(`key ${name}`);
            if (wanted.key(name)) events.push(...eventsOf(value, wanted, depth + 1));
          }
      }
      if (node.end >= 0) events.push(`close ${node.kind} ${node.end}`);
      return events;
    }
    default: {
      const text =
        node.kind === "string" ? Buffer.from(node.text, "latin1").toString("utf8") : node.text;
      return [`${node.kind} ${Buffer.from(text).toString("latin1")} ${node.start}-${node.end}`];
    }
  }
}

function scanned(bytes: Buffer, sizes: readonly number[], wanted: Wanted): Recorder {
  const recorder = new Recorder(wanted);
  for (const { piece, start, end } of cut(bytes, sizes)) recorder.scanner.write(piece, start, end);
  recorder.scanner.finish();
  return recorder;
}

function assertAsWhole(bytes: Buffer, sizes: readonly number[], wanted: Wanted): void {
  const { events, scanner } = scanned(bytes, sizes, wanted);
  const whole = parseWhole(bytes);
  const outcome = { fault: scanner.fault, at: scanner.fault && scanner.faultAt };
  assert.deepEqual(outcome, { fault: whole.fault, at: whole.fault && whole.faultAt });
  assert.equal(scanner.hasMore, whole.hasMore);
  const expected = whole.root === undefined ? [] : eventsOf(whole.root, wanted);
  // The last key of a faulty text has no value that would carry it in the tree.
  if (
    whole.fault !== undefined &&
    events.length === expected.length + 1 &&
    events.at(-1)?.startsWith("key")
  )
    events.pop();
  assert.deepEqual(events, expected);
}

/** Wants about two of three, the same ones in both parsers. */
const some: Wanted = {
  key: (name) => name.length % 3 !== 1,
  open: (depth, isArray) => (depth + (isArray ? 1 : 0)) % 3 !== 0,
};

const wantedOf = fc.constantFrom(everything, some);

test("the oracle agrees with JSON.parse", () => {
  fc.assert(
    fc.property(fc.oneof(wholeText, mutated(wholeText)), (bytes) => {
      const text = bytes.toString("utf8");
      try {
        JSON.parse(text.replace(/^\ufeff/, ""));
      } catch {
        return;
      }
      const { fault, hasMore } = parseWhole(bytes);
      assert.deepEqual({ fault, hasMore }, { fault: undefined, hasMore: false });
    }),
    { numRuns: runs(500) },
  );
});

test("tells the same of valid texts in pieces as a parser of the whole text", () => {
  fc.assert(fc.property(wholeText, pieceSizes, wantedOf, assertAsWhole), { numRuns: runs(2000) });
});

test("tells the same of mutated texts up to the fault, and names the fault's place", () => {
  fc.assert(fc.property(mutated(wholeText), pieceSizes, wantedOf, assertAsWhole), {
    numRuns: runs(4000),
  });
});

test("reads a text the same wherever it is cut", () => {
  const text = Buffer.from(
    '\ufeff /* c */ {"a\\u0062c":[1,-2.5e3,true,false,null,"x\\\\","\\"y"],"_\\u0069ndex":"p-1",' +
      '"o":{"k":{"deep":[[],{}]}},// end\n"é":"\\ud83d\\ude00 and a string longer than ' +
      'the loop \\" reads"}',
  );
  const whole = scanned(text, [text.length], everything).events;
  assert.ok(whole.includes("key _index"));
  for (let size = 1; size < text.length; size += 1)
    assert.deepEqual(scanned(text, [size], everything).events, whole, `pieces of ${size}`);
  for (let at = 1; at < text.length; at += 1)
    assert.deepEqual(scanned(text, [at, text.length], everything).events, whole, `cut at ${at}`);
});

test("a text that is read after another one starts anew", () => {
  const recorder = new Recorder(everything);
  for (const text of ['{"a":"x\\', "[1", "/", "tru", '{"a":[[', "}", "\xef", "1 2"]) {
    recorder.scanner.write(Buffer.from(text, "latin1"));
    recorder.scanner.finish();
    recorder.scanner.reset();
    recorder.events.length = 0;
    recorder.scanner.write(Buffer.from('["q"]'));
    recorder.scanner.finish();
    assert.equal(recorder.scanner.fault, undefined, text);
    assert.deepEqual(recorder.events, ["open array 0", "string q 1-4", "close array 5"]);
    recorder.scanner.reset();
    recorder.events.length = 0;
  }
});

test("tells depth bombs, UTF-16 and UTF-32 from other faults", () => {
  const faultOf = (bytes: Buffer): unknown => {
    const { scanner } = scanned(bytes, [7], everything);
    return [scanner.fault, scanner.faultAt];
  };
  const brackets = "[".repeat(maxJsonDepth);
  assert.deepEqual(faultOf(Buffer.from(`${brackets}${"]".repeat(maxJsonDepth)}`)), [undefined, 0]);
  assert.deepEqual(faultOf(Buffer.from(`${brackets}[`)), ["depth", maxJsonDepth]);
  assert.deepEqual(faultOf(Buffer.from('{"a":1}', "utf16le")), ["encoding", 1]);
  assert.deepEqual(faultOf(Buffer.from('\0{\0"', "latin1")), ["encoding", 0]);
  assert.deepEqual(faultOf(Buffer.from("\xfe\xff", "latin1")), ["encoding", 0]);
  assert.deepEqual(faultOf(Buffer.from('{"a" 1}')), ["syntax", 5]);
  assert.deepEqual(faultOf(Buffer.from('{"a":1')), ["end", 6]);
  assert.deepEqual(faultOf(Buffer.from(" \n")), [undefined, 0]);
});

test("keeps no more of a long key or value than it was told to, and says that it was cut", () => {
  const long = "x".repeat(5000);
  const seen: [string, boolean][] = [];
  const visitor: JsonVisitor = {
    key: (_bytes, start, end) => {
      assert.ok(end - start <= 5000);
      return true;
    },
    open: () => true,
    close: () => undefined,
    scalar: () => seen.push([scanner.text(), scanner.isCut]) > 0,
  };
  const scanner = new JsonScanner(visitor, 100);
  for (const size of [10_100, 7]) {
    seen.length = 0;
    scanner.reset();
    const bytes = Buffer.from(JSON.stringify({ [long]: long, b: "short" }));
    for (const { piece, start, end } of cut(bytes, [size])) scanner.write(piece, start, end);
    assert.deepEqual(seen, [
      ["x".repeat(100), true],
      ["short", false],
    ]);
  }
});
