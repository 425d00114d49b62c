/** What keeps a trail from being shipped, and the lock by which only one process ships it. */
import { join } from "node:path";

import { makeFolder } from "../../core/durable-file.ts";
import { DirectoryLock, holderName } from "../store/directory-lock.ts";
import { shipFolder } from "../store/ship-position.ts";

/** Nothing can be shipped as long as this is so. */
export class ShipError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ShipError";
  }
}

/** The target is reached through the proxy whose trail is shipped. */
export class ShipLoopError extends ShipError {
  constructor(url: string) {
    super(
      `${url} is reached through this proxy, which records each request that ships; ` +
        "name the nodes themselves",
    );
    this.name = "ShipLoopError";
  }
}

/** Two would write the same positions. @throws {ShipError} when another process has the lock */
export function lockTarget(directory: string, name: string): DirectoryLock {
  const folder = join(directory, shipFolder);
  makeFolder(folder, 0o700);
  const lock = DirectoryLock.take(folder, name);
  if (typeof lock !== "number") return lock;
  throw new ShipError(`${holderName(lock)} ships ${directory} to ${name} already`);
}
