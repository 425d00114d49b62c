import assert from "node:assert/strict";
import { test } from "node:test";

import { array, assert as check, integer, property } from "fast-check";

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
