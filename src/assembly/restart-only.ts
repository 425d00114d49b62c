import { isDeepStrictEqual } from "node:util";
import type { AuditConfig, ListenerConfig, ProxyConfig } from "../config/config.ts";

/**
 * What `next` changes that running processes cannot follow; empty: they can. One line each, in the
 * words of the configuration.
 *
 * The audit keeps its files, formats and keys for the life of a process, because an exchange has
 * both of its records in one place. A bound socket keeps whether it speaks TLS and which clients it
 * asks for a certificate.
 */
export function restartOnlyChanges(old: ProxyConfig, next: ProxyConfig): string[] {
  return [
    ...auditChanges(old.audit, next.audit),
    ...next.listeners.flatMap((listener) => listenerChanges(old, listener)),
  ];
}

function auditChanges(old: AuditConfig | undefined, next: AuditConfig | undefined): string[] {
  if (old === undefined || next === undefined) return old === next ? [] : [needsRestart("audit")];
  // The level is a matter of routes, which have it merged in.
  const { level: _oldLevel, ...before } = old;
  const { level: _nextLevel, ...after } = next;
  return Object.entries(after).flatMap(([key, value]) => {
    const was: unknown = before[key as keyof typeof before];
    return isDeepStrictEqual(was, value) ? [] : [needsRestart(`audit.${snakeCase(key)}`)];
  });
}

function listenerChanges(old: ProxyConfig, next: ListenerConfig): string[] {
  const before = old.listeners.find((listener) => bindKey(listener) === bindKey(next));
  if (before === undefined) return [];
  const where = `listener "${next.name}"`;
  if (before.protocol !== next.protocol) return [needsRestart(`${where}: protocol`)];
  if ((before.tls === undefined) !== (next.tls === undefined))
    return [needsRestart(`${where}: tls`)];
  const changes: string[] = [];
  if ((before.tls?.clientCaFile === undefined) !== (next.tls?.clientCaFile === undefined))
    changes.push(needsRestart(`${where}: tls.client_ca`));
  if (before.tls?.clientAuth !== next.tls?.clientAuth)
    changes.push(needsRestart(`${where}: tls.client_auth`));
  if (before.proxyProtocol !== next.proxyProtocol)
    changes.push(needsRestart(`${where}: proxy_protocol`));
  return changes;
}

/**
 * Names a bound socket across reloads: its address, and the listener's name where the system
 * chooses the port.
 */
export function bindKey({ bind, name }: Pick<ListenerConfig, "bind" | "name">): string {
  return bind.kind === "unix"
    ? `unix:${bind.path}`
    : `${bind.host}:${bind.port}${bind.port === 0 ? `:${name}` : ""}`;
}

function needsRestart(what: string): string {
  return (
    `${what} cannot change in a running process: restart ` +
    "(with workers: es-proxy reload --restart)"
  );
}

function snakeCase(key: string): string {
  return key.replace(/File$/, "_file").replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
