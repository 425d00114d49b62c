import type { ProxyConfig } from "../config/config.ts";

/** A proxy that accepts connections: one process, or several behind one listening socket. */
export interface RunningProxy {
  readonly listeners: readonly { readonly name: string; readonly url: string }[];
  /** Where the admin listener is; `undefined`: there is none. */
  readonly adminUrl: string | undefined;
  /** Where the audit explorer is; `undefined`: nowhere. */
  readonly explorerUrl: string | undefined;
  /** `drain_timeout` of the configuration in use. */
  readonly drainTimeoutMs: number;
  /**
   * Accepts nothing more; resolves when every exchange is over, or after `timeoutMs` (`Infinity`:
   * no limit).
   *
   * @param idleMs how long an idle connection may bring one more request, which is answered with
   *   `Connection: close`
   */
  drain(timeoutMs: number, idleMs?: number): Promise<void>;
  /** Ends what still runs (recorded as `shutdown`) and closes the journal. */
  close(): Promise<void>;
  /** Opens the journal's file again after it was renamed. */
  reopenAudit(): void;
  /**
   * Follows a changed configuration: all of it, or nothing. Listeners and pools that did not change
   * keep their connections, exchanges that run keep their route.
   *
   * @throws {ProxyError} ESP_ERR_CONFIG with one line for each change that needs a restart; or what
   *   an address or a TLS file makes impossible
   */
  reload(config: ProxyConfig): Promise<void>;
  /**
   * Replaces the worker processes one after the other, with `config`. @throws {ProxyError} where
   * there are none
   */
  restart(config: ProxyConfig): Promise<void>;
  /** Counts a reload; `problems` is empty when it went well. */
  noteReload(problems: readonly string[]): void;
}
