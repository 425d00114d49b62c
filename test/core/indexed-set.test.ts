import assert from "node:assert/strict";
import test from "node:test";
import { array, assert as check, boolean, nat, property, record } from "fast-check";
import { IndexedSet } from "../../src/core/indexed-set.ts";

class One {
  setIndex = -1;
}

test("members are those that were added and not deleted since, each once, in any order of calls", () => {
  const call = record({ who: nat(9), isAdded: boolean() });
  check(
    property(array(call, { maxLength: 60 }), (calls) => {
      const all = Array.from({ length: 10 }, () => new One());
      const members = new IndexedSet<"setIndex", One>("setIndex");
      const model = new Set<One>();
      for (const { who, isAdded } of calls) {
        const one = all[who] ?? new One();
        if (isAdded) {
          members.add(one);
          model.add(one);
        } else {
          members.delete(one);
          model.delete(one);
        }
        const listed = [...members];
        assert.equal(members.size, model.size);
        assert.equal(listed.length, model.size);
        assert.deepEqual(new Set(listed), model);
      }
      members.clear();
      assert.equal(members.size, 0);
      assert.ok(all.every(({ setIndex }) => setIndex === -1));
    }),
  );
});

test("each member is met although members go meanwhile, also others than the one at hand", () => {
  check(
    property(
      array(array(nat(9), { maxLength: 3 }), { minLength: 10, maxLength: 10 }),
      (victims) => {
        const all = Array.from({ length: 10 }, () => new One());
        const members = new IndexedSet<"setIndex", One>("setIndex");
        for (const one of all) members.add(one);
        const met = new Set<One>();
        const gone = new Set<One>();
        for (const one of members) {
          assert.ok(!gone.has(one), "who has gone is not met");
          met.add(one);
          for (const victim of victims[all.indexOf(one)] ?? []) {
            const other = all[victim];
            if (other === undefined) continue;
            members.delete(other);
            gone.add(other);
          }
        }
        assert.ok(all.every((one) => met.has(one) || gone.has(one)));
      },
    ),
  );
});
