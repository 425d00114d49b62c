/** What several processes use together: listening sockets, never one pipe. */
import { bindKey } from "../assembly/restart-only.ts";
import type { ListenerConfig, ProxyConfig } from "../config/config.ts";
import { ProxyError } from "../core/errors.ts";
import { removeStaleSocket } from "../net/socket-listener.ts";

/**
 * Lines of several processes would run into each other on one pipe.
 *
 * @throws {ProxyError} ESP_ERR_CONFIG
 */
export function refuseSharedStdout({ audit }: ProxyConfig): void {
  if (audit?.directory !== "-") return;
  throw new ProxyError(
    "ESP_ERR_CONFIG",
    'audit.directory "-" (stdout) cannot be shared by several workers: ' +
      "name a folder, or set workers: 1",
  );
}

/**
 * Workers leave files of unix sockets alone: one that is bound, but not yet listened on, looks like
 * one that a dead process left.
 */
export async function removeStaleSockets(listeners: readonly ListenerConfig[]): Promise<void> {
  for (const { bind } of listeners) if (bind.kind === "unix") await removeStaleSocket(bind.path);
}

/** Those whose sockets no worker has yet. */
export function newListeners(old: ProxyConfig, next: ProxyConfig): ListenerConfig[] {
  const bound = new Set(old.listeners.map(bindKey));
  return next.listeners.filter((listener) => !bound.has(bindKey(listener)));
}
