import assert from "node:assert/strict";
import { test } from "node:test";

import { array, assert as check, integer, property, tuple } from "fast-check";

import { entriesInBlock, EntryBlockWriter } from "../../../src/audit/index/entry-blocks.ts";
import { KeyedNumbers, numbersInBlock } from "../../../src/audit/index/keyed-numbers.ts";
import { NumberList, numbersIn } from "../../../src/audit/index/number-list.ts";

test("ascending numbers come out of their bytes as they went in", () => {
  check(
    property(array(integer({ min: 0, max: 0xff_ffff })), (numbers) => {
      const sorted = [...new Set(numbers)].sort((one, other) => one - other);
      const list = new NumberList();
      for (const number of sorted) {
        list.add(number);
        list.add(number);
      }
      assert.deepEqual(numbersIn(list.bytes), sorted);
      assert.equal(list.count, sorted.length);
    }),
  );
});

test("numbers beside each other take a byte each", () => {
  const list = new NumberList();
  for (let number = 0; number < 1000; number += 1) list.add(number);
  assert.equal(list.bytes.length, 1000);
});

test("the numbers of each key come out of the blocks, and of no other key", () => {
  const key = integer({ min: 0, max: 5 }).map((digit) => digit * 0x1f_ffff_ffff);
  const pair = tuple(key, integer({ min: 0, max: 0xff_ffff }));
  check(
    property(
      array(pair),
      array(tuple(integer({ min: 0, max: 2 ** 40 - 1 }), pair)),
      (few, many) => {
        const pairs = [...few, ...many.map(([other, [, number]]) => [other, number] as const)];
        const keyed = new KeyedNumbers();
        for (const [one, number] of pairs) keyed.add(one, number);
        const blocks = Array.from(
          keyed.blocks(),
          ([first, bytes]) => [first, Buffer.from(bytes)] as const,
        );
        for (const wanted of new Set(pairs.map(([one]) => one))) {
          const found = blocks.flatMap((block) => numbersInBlock(block, (one) => one === wanted));
          const numbers = pairs.filter(([one]) => one === wanted).map(([, number]) => number);
          assert.deepEqual(
            found,
            [...new Set(numbers)].sort((one, other) => one - other),
          );
        }
      },
    ),
  );
});

test("a thousand keys stand in several blocks, in their order", () => {
  const keyed = new KeyedNumbers();
  for (let at = 999; at >= 0; at -= 1) keyed.add(at * 1_000_003, at);
  const blocks = Array.from(
    keyed.blocks(),
    ([first, bytes]) => [first, Buffer.from(bytes)] as const,
  );
  assert.equal(blocks.length, 4);
  assert.equal(blocks[1]?.[0], 256 * 1_000_003);
  const all = blocks.flatMap((block) => numbersInBlock(block, () => true));
  assert.deepEqual(all, [...all.keys()]);
  assert.equal(all.length, 1000);
});

test("entries come out of their block as they went in", () => {
  const line = (at: number, length: number) => ({ at, length });
  const none = { opening: undefined, closing: undefined };
  const entries = [
    {
      beganMs: Number.NaN,
      ...none,
      closing: line(2 ** 33, 700),
      documentsAt: 2 ** 32,
      factsAt: 9,
    },
    { beganMs: 1_795_132_801_089, ...none, documentsAt: undefined, factsAt: undefined },
    {
      beganMs: 1_795_132_801_088,
      opening: line(0, 1400),
      closing: line(1401, 2 ** 31),
      documentsAt: 0,
      factsAt: 0,
    },
    {
      beganMs: 1_795_132_900_000,
      ...none,
      opening: line(77, 0),
      documentsAt: undefined,
      factsAt: 2 ** 40,
    },
  ];
  const writer = new EntryBlockWriter();
  writer.write(entries.slice(1));
  assert.deepEqual(entriesInBlock(writer.write(entries)), entries);
  assert.deepEqual(entriesInBlock(Buffer.alloc(0)), []);
});
