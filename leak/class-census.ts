import { readdirSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import v8 from "node:v8";
import type { Counts } from "./messages.ts";

type AnyClass = abstract new (...args: never) => object;

/**
 * The common ancestor that every class of the proxy gets here, so that one walk over the heap finds
 * the instances of all of them. (A walk takes a quarter of a second, whatever it looks for.)
 */
const Owned = function Owned(): void {} as unknown as AnyClass & { readonly prototype: object };

/**
 * Makes the instances of a class countable; a class with a base of its own is counted with its
 * base.
 */
export function adopt(prototype: object): void {
  if (Object.getPrototypeOf(prototype) === Object.prototype)
    Object.setPrototypeOf(prototype, Owned.prototype);
}

/**
 * Adopts each class that a module of `src/` exports. The command line and the configuration are
 * left out: they run once. So are the modules of threads (`…-thread.ts`), which work when they are
 * loaded.
 *
 * @returns the names, for the report
 */
export async function adoptOwnClasses(source: string): Promise<string[]> {
  const names: string[] = [];
  adopt(timerPrototype());
  for (const file of moduleFiles(source)) {
    const module = (await import(pathToFileURL(join(source, file)).href)) as Readonly<
      Record<string, unknown>
    >;
    for (const value of Object.values(module)) {
      if (!isClass(value)) continue;
      adopt(value.prototype);
      names.push(value.name);
    }
  }
  return names;
}

/**
 * Live instances by class: the proxy's own, `Timeout`, `Socket` and `TLSSocket`. What is no longer
 * reachable is not counted.
 */
export function countInstances(): Counts {
  const counts: Record<string, number> = {};
  countByName(Owned, counts);
  countByName(Socket, counts);
  return counts;
}

function countByName(base: AnyClass, counts: Record<string, number>): void {
  for (const text of v8.queryObjects(base, { format: "summary" })) {
    const name = /^[\w$]+/u.exec(text)?.[0] ?? text;
    counts[name] = (counts[name] ?? 0) + 1;
  }
}

function moduleFiles(source: string): string[] {
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter(
      (file) =>
        /(?<!-thread)\.ts$/u.test(file) &&
        (file === "proxy.ts" || /^(?!cli|config)[^/]+\//u.test(file)),
    )
    .sort();
}

function isClass(
  value: unknown,
): value is AnyClass & { readonly prototype: object; readonly name: string } {
  return typeof value === "function" && /^class\b/u.test(Function.prototype.toString.call(value));
}

/** Node exports the type of its timers, not their class. */
function timerPrototype(): object {
  const timer = setTimeout(() => {}, 0);
  clearTimeout(timer);
  return Object.getPrototypeOf(timer) as object;
}
