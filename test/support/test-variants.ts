import assert from "node:assert/strict";
import test from "node:test";

/**
 * Runs `body` once for each named variant as a test of its own; refuses a matrix in which two
 * variants are equal, because such a matrix tests less than its listing says.
 */
export function testVariants<T>(
  name: string,
  variants: Readonly<Record<string, T>>,
  body: (variant: T, label: string) => Promise<void> | void,
): void {
  const entries = Object.entries(variants);
  assert.ok(entries.length > 1, "a matrix needs at least two variants");
  for (const [index, [, one]] of entries.entries())
    for (const [, other] of entries.slice(index + 1))
      assert.notDeepEqual(one, other, `${name}: two variants are the same`);
  for (const [label, variant] of entries)
    void test(`${name} (${label})`, async () => body(variant, label));
}
