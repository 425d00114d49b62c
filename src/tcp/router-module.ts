import { execFile } from "node:child_process";
import { registerHooks } from "node:module";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { readWholeFile } from "../core/read-file.ts";
import { notAFile } from "../core/regular-file.ts";
import { errorCode, errorMessage } from "../core/system-error.ts";
import { AddressPolicy, type AllowedRange } from "./address-policy.ts";
import type { LoadedRouter, RouterSource } from "./options.ts";
import { parsePort } from "./remote-address.ts";
import { noteRouterFile, placeIn } from "./router-error-location.ts";
import type {
  AllowedRemote,
  OnConnectError,
  OnInactivity,
  Route,
  RouterExports,
} from "./route-contract.ts";

/**
 * A router file that is loaded natively, TypeScript or JavaScript, and loaded again on demand.
 *
 * Each load keeps about the file's size in memory for good, because ES modules are never unloaded.
 * Only the file itself is read again, not what it imports. `import … from "es-proxy"` in it gives
 * this very program, whether it is installed there or not.
 */
export class RouterModule implements RouterSource {
  readonly #file: string;
  readonly #log: Log | undefined;
  #current: LoadedRouter;

  private constructor(file: string, current: LoadedRouter, log: Log | undefined) {
    this.#file = file;
    this.#current = current;
    this.#log = log;
  }

  /** @throws {ProxyError} ESP_ERR_CONFIG naming the file, and the line where there is one */
  static async load(file: string, log?: Log): Promise<RouterModule> {
    const path = isAbsolute(file) ? file : resolve(file);
    const prepared = preparedRouters.get(path);
    preparedRouters.delete(path);
    return new RouterModule(path, prepared ?? (await loadRouterFile(path)), log);
  }

  /**
   * Loads a file for the next {@link load} of it: the check of a configuration has run the file
   * already, and it should not run twice.
   *
   * @throws {ProxyError} as `load` does
   */
  static async prepare(file: string): Promise<void> {
    const path = isAbsolute(file) ? file : resolve(file);
    preparedRouters.delete(path);
    preparedRouters.set(path, await loadRouterFile(path));
  }

  /** Absolute path. */
  get file(): string {
    return this.#file;
  }

  get current(): LoadedRouter {
    return this.#current;
  }

  /**
   * Loads the file again, for connections from now on. A broken file keeps the old router, is
   * logged, and gives `false`.
   */
  async reload(): Promise<boolean> {
    try {
      this.#current = await loadRouterFile(this.#file);
    } catch (error) {
      const message = errorMessage(error);
      this.#log?.error(
        { file: this.#file },
        `the router was not reloaded, the old one stays: ${message}`,
      );
      return false;
    }
    this.#log?.info({ file: this.#file }, "the router was reloaded");
    return true;
  }
}

/** Checks a router's exports. @throws {ProxyError} ESP_ERR_CONFIG */
export function loadedRouter(
  exports: RouterExports | Readonly<Record<string, unknown>>,
  file: string,
): LoadedRouter {
  const { default: route, onConnectError, onInactivity, allow } = exports;
  if (typeof route !== "function")
    throw new ProxyError(
      "ESP_ERR_CONFIG",
      `${file}: the default export must be the route function, not ${typeName(route)}`,
    );
  for (const [name, value] of Object.entries({ onConnectError, onInactivity }))
    if (value !== undefined && typeof value !== "function")
      throw new ProxyError(
        "ESP_ERR_CONFIG",
        `${file}: ${name} must be a function, not ${typeName(value)}`,
      );
  return {
    // Functions by the checks above; what they take and return is checked at each call.
    route: route as Route,
    onConnectError: onConnectError as OnConnectError | undefined,
    onInactivity: onInactivity as OnInactivity | undefined,
    policy: allow === undefined ? undefined : toPolicy(allow, file),
    locate: (error) => placeIn(error, file) ?? file,
  };
}

/** The allow-list of a router file as ranges. @throws {RangeError} naming the entry that is none */
export function toAllowedRanges(allow: readonly AllowedRemote[]): AllowedRange[] {
  return allow.flatMap(({ cidr, ports }) => {
    const ranges = ports === undefined ? [{ from: 1, to: 65535 }] : ports.map(toPortRange);
    return ranges.map((range) => ({ cidr, ports: range }));
  });
}

const preparedRouters = new Map<string, LoadedRouter>();
let loads = 0;

async function loadRouterFile(file: string): Promise<LoadedRouter> {
  provideLibrary();
  noteRouterFile(file);
  checkReadable(file);
  let exports: Readonly<Record<string, unknown>>;
  try {
    loads += 1;
    exports = (await import(`${pathToFileURL(file).href}?v=${loads}`)) as Readonly<
      Record<string, unknown>
    >;
  } catch (cause) {
    const message = errorMessage(cause);
    const place =
      placeIn(cause, file) ??
      (cause instanceof SyntaxError ? await syntaxErrorPlace(file) : undefined);
    throw new ProxyError("ESP_ERR_CONFIG", `${place ?? file}: ${message}`, { cause });
  }
  return loadedRouter(exports, file);
}

/** Loading waits for a FIFO, and takes all memory where a file has no end. */
function checkReadable(file: string): void {
  try {
    readWholeFile(file);
  } catch (cause) {
    const code = errorCode(cause);
    const reason = unreadable.get(code) ?? `cannot be read: ${code}`;
    throw new ProxyError("ESP_ERR_CONFIG", `${file}: ${reason}`, { cause });
  }
}

const unreadable = new Map([
  ["ENOENT", "there is no such router file"],
  ["EISDIR", "is no regular file"],
  [notAFile, "is no regular file"],
]);

function toPolicy(allow: unknown, file: string): AddressPolicy {
  try {
    if (!Array.isArray(allow)) throw new RangeError(`not an array but ${typeName(allow)}`);
    for (const entry of allow as readonly unknown[])
      if (
        typeof entry !== "object" ||
        entry === null ||
        !("cidr" in entry) ||
        typeof entry.cidr !== "string"
      )
        throw new RangeError(`an entry is not {cidr, ports}: ${JSON.stringify(entry)}`);
    // Entries by the loop above; their ports are checked one by one.
    const ranges = toAllowedRanges(allow as readonly AllowedRemote[]);
    // An empty list of the file allows nothing, where an absent one allows everything.
    return new AddressPolicy({
      allow: ranges.length > 0 ? ranges : [nowhere],
      refusesSpecial: false,
    });
  } catch (cause) {
    throw new ProxyError("ESP_ERR_CONFIG", `${file}: allow: ${errorMessage(cause)}`, { cause });
  }
}

function toPortRange(ports: number | string): { from: number; to: number } {
  const [first = "", last = first] = String(ports).split("-");
  const from = parsePort(first);
  const to = parsePort(last);
  if (from === undefined || to === undefined || from > to)
    throw new RangeError(`not ports: ${JSON.stringify(ports)}`);
  return { from, to };
}

/**
 * V8 gives the line of a syntax error in a module only when the error is printed, so a process of
 * its own checks the file.
 */
async function syntaxErrorPlace(file: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string>();
  execFile(process.execPath, ["--check", file], { timeout: 5000 }, (_error, _stdout, stderr) =>
    resolve(stderr),
  );
  const line = /^\S+?:(\d+)$/m.exec(await promise)?.[1];
  return line === undefined ? undefined : `${file}:${line}`;
}

let isProvided = false;

/** Lets router files in any folder import the matchers from `es-proxy`. */
function provideLibrary(): void {
  if (isProvided) return;
  isProvided = true;
  const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const library = new URL(`./router-library${suffix}`, import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "es-proxy" ? { url: library, shortCircuit: true } : next(specifier, context),
  });
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  return `a ${typeof value}`;
}

const nowhere: AllowedRange = { cidr: "0.0.0.0/32", ports: { from: 1, to: 1 } };
