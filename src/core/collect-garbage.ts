/** V8's `gc`, which Node.js hides. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collector = (options: { readonly type: "minor" | "major" }) => void;

let collector: Collector | false | undefined = undefined;

/**
 * Collects what is young (some 0.3 ms), or all (some 10 ms), now. Does nothing where this V8 has no
 * `gc`.
 */
export function collectGarbage(type: "minor" | "major"): void {
  collector ??= findCollector() ?? false;
  if (collector !== false) collector({ type });
}

function findCollector(): Collector | undefined {
  try {
    setFlagsFromString("--expose-gc");
    const found: unknown = runInNewContext("gc");
    setFlagsFromString("--no-expose-gc");
    return typeof found === "function" ? (found as Collector) : undefined;
  } catch {
    return undefined;
  }
}
