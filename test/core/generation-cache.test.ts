import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { GenerationCache } from "../../src/core/generation-cache.ts";

const value = (key: number): { readonly key: number } => ({ key });

test("a value is made once while its key is asked for, and never for another key", () => {
  const cache = new GenerationCache<number, { readonly key: number }>(3);
  let made = 0;
  const make = (key: number) => {
    made += 1;
    return value(key);
  };
  const first = cache.getOrMake(0, make);
  for (let key = 1; key < 20; key += 1) {
    assert.equal(cache.getOrMake(key, make).key, key);
    assert.ok(cache.getOrMake(0, make) === first, `asked for beside ${key}`);
  }
  assert.equal(made, 20);
});

test("what is not asked for is forgotten after at most two generations", () => {
  const cache = new GenerationCache<number, { readonly key: number }>(3);
  cache.set(0, value(0));
  for (let key = 1; key <= 6; key += 1) cache.set(key, value(key));
  assert.equal(cache.get(0), undefined);
  assert.equal(cache.get(6)?.key, 6);
});

test("a key without a value is asked for again each time", () => {
  const cache = new GenerationCache<string, object>(3);
  let asked = 0;
  for (let i = 0; i < 3; i += 1)
    assert.equal(
      cache.getOrMake("none", () => {
        asked += 1;
        return undefined;
      }),
      undefined,
    );
  assert.equal(asked, 3);
});

test("whatever is asked for, the cache agrees with a map and keeps no more than two generations", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 12 })), { maxLength: 200 }),
      (most, steps) => {
        const cache = new GenerationCache<number, { readonly key: number }>(most);
        const model = new Map<number, { readonly key: number }>();
        for (const [isSet, key] of steps) {
          if (isSet) {
            const fresh = value(key);
            cache.set(key, fresh);
            model.set(key, fresh);
          } else {
            const found = cache.get(key);
            assert.ok(found === undefined || found === model.get(key));
          }
          assert.ok(cache.size <= 2 * most);
        }
      },
    ),
  );
});
