import { isMap } from "./test-file.ts";

/** Values that `set` kept, by name. */
export type Stash = ReadonlyMap<string, unknown>;

/**
 * Replaces `$name` and `${name}` in every string of a value. A string that is only the name takes
 * the kept value with its type; inside a longer string it is put in as text.
 *
 * @throws {Error} when `${name}` was never set; a lone `$name` that was not set stays, because
 *   `$body` is one
 */
export function fillIn(value: unknown, stash: Stash): unknown {
  if (typeof value === "string") return fillText(value, stash);
  if (Array.isArray(value)) return value.map((entry) => fillIn(entry, stash));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [fillIn(key, stash), fillIn(entry, stash)]),
  );
}

/**
 * The value at a path: keys and list positions separated by dots, `\.` for a dot inside a key,
 * `$body` or the empty path for the whole answer, `$name` for a kept key. `undefined` when there is
 * nothing.
 */
export function valueAt(body: unknown, path: string, stash: Stash): unknown {
  let at = body;
  for (const step of splitPath(path)) {
    // Any one key of an object, as the value.
    if (step === "_arbitrary_key_") return isMap(at) ? Object.keys(at)[0] : undefined;
    const key = String(fillIn(step, stash));
    if (Array.isArray(at)) at = /^\d+$/.test(key) ? at[Number(key)] : undefined;
    else at = isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

function splitPath(path: string): string[] {
  const steps = path.split(/(?<!\\)\./).map((step) => step.replaceAll("\\.", "."));
  if (steps[0] === "$body" || steps[0] === "") steps.shift();
  return steps;
}

function fillText(text: string, stash: Stash): unknown {
  const whole = /^\$\{?(\w+)\}?$/.exec(text)?.[1];
  if (whole !== undefined && stash.has(whole)) return stash.get(whole);
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    if (!stash.has(name)) throw new Error(`$\{${name}} was never set`);
    return String(stash.get(name));
  });
}
