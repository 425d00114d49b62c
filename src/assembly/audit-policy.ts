/** What the configuration says about recording, so that a change of it can be recorded. */
import { join } from "node:path";
import { readWholeFile } from "../core/read-file.ts";

import type { ProxyConfig } from "../config/config.ts";
import { replaceFile } from "../core/durable-file.ts";

/** Name of the file with the policy that was in use last. */
const policyFile = ".audit-policy.json";
/** A record names so many changes; the hash of the configuration covers all. */
const maxChanges = 50;
/** Of a value that is shown. UTF-16 code units. */
const maxValue = 120;

/** Settings by their paths, such as `audit.level` and `listeners.es./.level`; no secrets. */
export type AuditPolicy = Readonly<Record<string, string>>;

/** The policy of a configuration. */
export function auditPolicy({ audit, listeners }: ProxyConfig): AuditPolicy {
  const policy: Record<string, string> = {};
  flatten("audit", audit, policy);
  for (const { name, ...listener } of listeners) {
    if (listener.protocol === "http")
      for (const route of listener.routes)
        flatten(`listeners.${name}.${route.name}.audit`, route.audit, policy);
    else flatten(`listeners.${name}.audit`, listener.audit, policy);
  }
  return policy;
}

/** `audit.level: full → metadata`, one for each setting that differs, in order of their paths. */
export function policyChanges(old: AuditPolicy, next: AuditPolicy): string[] {
  const paths = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort();
  const changed = paths.filter((path) => old[path] !== next[path]);
  const shown = changed
    .slice(0, maxChanges)
    .map((path) => `${path}: ${valueText(old[path])} → ${valueText(next[path])}`);
  const left = changed.length - maxChanges;
  return left > 0 ? [...shown, `and ${left} more`] : shown;
}

/** What was in use last; `undefined`: nothing that is known. */
export function lastPolicy(directory: string): AuditPolicy | undefined {
  try {
    const value: unknown = JSON.parse(readWholeFile(join(directory, policyFile)).toString("utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    return Object.fromEntries(Object.entries(value).map(([path, text]) => [path, String(text)]));
  } catch {
    return undefined;
  }
}

/** Keeps the policy for the next start. @throws {Error} of the file system */
export function keepPolicy(directory: string, policy: AuditPolicy): void {
  replaceFile(join(directory, policyFile), Buffer.from(JSON.stringify(policy)), 0o600);
}

function flatten(path: string, value: unknown, policy: Record<string, string>): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    for (const [name, member] of Object.entries(value))
      flatten(`${path}.${snakeCase(name)}`, member, policy);
  // JSON has no infinity.
  else if (value !== undefined)
    policy[path] = typeof value === "number" ? String(value) : JSON.stringify(value);
}

function valueText(value: string | undefined): string {
  if (value === undefined) return "not set";
  return value.length <= maxValue ? value : `${value.slice(0, maxValue)}…`;
}

function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
