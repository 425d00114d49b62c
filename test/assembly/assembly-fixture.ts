import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { loadConfig } from "../../src/config/load.ts";
import type { ProxyConfig } from "../../src/config/config.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { DeadlineSweep } from "../../src/core/deadline-sweep.ts";
import { ReadPacer } from "../../src/core/read-pacer.ts";
import { Registry } from "../../src/metrics/registry.ts";
import { KeptLog } from "../upstream/upstream-fixture.ts";

/** What the parts of a process share. */
export class SharedParts implements Disposable {
  readonly clock = new SystemClock();
  readonly sweep = new DeadlineSweep(this.clock);
  readonly reads = new ReadPacer(this.clock);
  readonly log = new KeptLog();
  readonly registry = new Registry();
  readonly descriptors = undefined;
  readonly isShared = false;
  readonly onSniff = (): void => {};

  [Symbol.dispose](): void {
    this.sweep.close();
  }
}

/** A loaded configuration. @param folder for relative names of files */
export async function configOf(text: string, folder = "/"): Promise<ProxyConfig> {
  const result = await loadConfig(`${folder}/es.yaml`, { text });
  assert.ok("config" in result, JSON.stringify(result));
  return result.config;
}

/** Whether somebody accepts connections on a port of this machine. */
export async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
