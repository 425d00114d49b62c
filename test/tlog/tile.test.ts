import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { changedTiles, parseTilePath, tilePath } from "../../src/tlog/tile.ts";
import type { Tile } from "../../src/tlog/tile.ts";

test("names tiles as c2sp.org/tlog-tiles does", () => {
  const names: readonly (readonly [Tile, string])[] = [
    [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
    [{ level: 0, index: 273, width: 112 }, "tile/0/273.p/112"],
    [{ level: 3, index: 1_234_067, width: 256 }, "tile/3/x001/x234/067"],
    [{ level: 1, index: 999, width: 1 }, "tile/1/999.p/1"],
    [{ level: 1, index: 1000, width: 256 }, "tile/1/x001/000"],
    [{ level: "entries", index: 123_456, width: 17 }, "tile/entries/x123/456.p/17"],
  ];
  for (const [tile, path] of names) {
    assert.equal(tilePath(tile), path);
    assert.deepEqual(parseTilePath(path), tile);
  }
});

test("reads back every name that it writes", () => {
  const values = {
    level: fc.oneof(fc.nat({ max: 63 }), fc.constant("entries" as const)),
    index: fc.maxSafeNat(),
    width: fc.integer({ min: 1, max: 256 }),
  };
  const tiles = fc.record(values, { noNullPrototype: true });
  fc.assert(fc.property(tiles, (tile) => assert.deepEqual(parseTilePath(tilePath(tile)), tile)));
});

test("refuses names in any other form", () => {
  const wrong = [
    "tile/0/00",
    "tile/0/0000",
    "tile/00/000",
    "tile/0/x000/001",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
  ];
  wrong.push(
    "tile/0/000.p/01",
    "tile/0/001/000",
    "tile/-1/000",
    "/tile/0/000",
    "tile/0/000/",
    "tile/0/../000",
    "",
  );
  wrong.push(
    "tile/0/000\n",
    "tile/entrie/000",
    "tile/0/x999/x999/x999/x999/x999/999",
    "tile/100/000",
  );
  for (const path of wrong) assert.equal(parseTilePath(path), undefined, path);
  fc.assert(
    fc.property(fc.string(), (path) => {
      const tile = parseTilePath(path);
      assert.ok(tile === undefined || tilePath(tile) === path);
    }),
  );
});

test("a tree of 70,000 leaves has the tiles of the specification's example", () => {
  const tiles = changedTiles(0, 70_000);
  const widths = (level: Tile["level"]): number[] =>
    tiles.filter((tile) => tile.level === level).map(({ width }) => width);
  assert.deepEqual(widths(0), [...Array.from({ length: 273 }, () => 256), 112]);
  assert.deepEqual(widths("entries"), widths(0));
  assert.deepEqual(widths(1), [256, 17]);
  assert.deepEqual(widths(2), [1]);
  assert.deepEqual(widths(3), []);
});

test("a tree of 256 leaves has a full tile and a partial one above it", () => {
  assert.deepEqual(changedTiles(255, 256), [
    { level: "entries", index: 0, width: 256 },
    { level: 0, index: 0, width: 256 },
    { level: 1, index: 0, width: 1 },
  ]);
  assert.deepEqual(changedTiles(256, 256), []);
});

test("growing in steps changes the same tiles as growing at once, but for partial ones", () => {
  const sizes = fc.array(fc.nat({ max: 200_000 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sizes, (steps) => {
      const stops = [0, ...steps.toSorted((one, other) => one - other)];
      const end = stops.at(-1) ?? 0;
      const inSteps = new Set(
        stops.slice(1).flatMap((to, at) => changedTiles(stops[at] ?? 0, to).map(tilePath)),
      );
      for (const tile of changedTiles(0, end))
        assert.ok(inSteps.has(tilePath(tile)), tilePath(tile));
    }),
    { numRuns: 50 },
  );
});
