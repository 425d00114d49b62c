/** What a record about the trail itself says, in plain words. */
import { countText } from "../../core/count-text.ts";
import { shellWord } from "../../core/shell-word.ts";
import { membersOf } from "../format/audit-document.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** Digits of an id that find it, as in the column `ref`. */
const refDigits = 8;
/** Hexadecimal digits that tell two configurations apart for people. */
const hashDigits = 12;

/** That an exchange or a session was erased, by whom and why; `undefined`: it was not. */
export function erasedWords(entry: TrailEntry): string | undefined {
  if (entry.value("es_proxy.erased") === undefined) return undefined;
  const { event, reason, by } = membersOf(entry.value("es_proxy.erasure"));
  const record = typeof event === "string" ? ` (on record as ${event.slice(-refDigits)})` : "";
  return `${entry.kind} erased by ${listed(by)}: ${listed(reason)}${record}`;
}

/** One sentence without a time; values in it may hold anything. */
export function eventWords(entry: TrailEntry): string {
  const fields = membersOf(entry.value("es_proxy.event"));
  const text = (name: string): string => listed(fields[name]);
  const hash = text("config_sha256").slice(0, hashDigits);
  const configuration = hash === "" ? "" : ` with the configuration ${hash}`;
  const isGood = entry.text("event.outcome") === "success";
  switch (entry.text("event.action")) {
    case "audit.start":
      return `es-proxy ${text("version")} began to write (process ${text("pid")})${configuration}`;
    case "audit.stop":
      return `es-proxy stopped writing (process ${text("pid")})`;
    case "audit.reload":
      return isGood
        ? `es-proxy goes on${configuration}`
        : `a configuration was refused: ${text("problems")}`;
    case "audit.policy_change":
      return `what is recorded changed: ${text("changes")}`;
    case "audit.key_made":
      return `the signing key was made: ${text("vkey")}`;
    case "audit.key_used":
      return `checkpoints are signed with the key ${text("vkey")}`;
    case "audit.incident":
      return `${text("journal")} was changed from outside: ${text("what")}`;
    case "audit.proof_stopped":
      return `the log ${text("log")} is not signed any more: ${text("reason")}`;
    case "audit.proof_resumed":
      return `the log ${text("log")} is signed again`;
    case "audit.witness_conflict":
      return `the witness ${text("witness")} knows another history: ${text("reason")}`;
    default:
      return entry.value("process.args") === undefined
        ? `${entry.text("event.action") ?? ""}: ${detailText(fields, [])}`
        : commandWords(entry, fields);
  }
}

/** `alice on db1: es-proxy audit export --as har (12 exchanges, 20 bodies)`. */
function commandWords(entry: TrailEntry, fields: Record<string, unknown>): string {
  const args = entry.value("process.args");
  const words = Array.isArray(args) ? args.map((arg) => shellWord(String(arg))) : [];
  const who = `${entry.text("user.name") ?? "somebody"} on ${entry.text("host.hostname") ?? "?"}`;
  return `${who}: es-proxy ${words.join(" ")} (${outcomeText(entry, fields)})`;
}

function outcomeText(entry: TrailEntry, fields: Record<string, unknown>): string {
  if (fields["stage"] === "begin") return "begins";
  const counts = ["exchanges", "bodies"].flatMap((name) =>
    typeof fields[name] === "number" ? [countText(fields[name], singular[name] ?? name, name)] : [],
  );
  const isFailure = entry.text("event.outcome") === "failure";
  const known = ["stage", "begin", "exchanges", "bodies", "ids", "exit_code", "side_log"];
  const parts = [...counts, detailText(fields, known), isFailure ? "failed" : ""];
  return parts.filter((part) => part !== "").join(", ") || "done";
}

const singular: Readonly<Record<string, string>> = { exchanges: "exchange", bodies: "body" };

function detailText(fields: Record<string, unknown>, known: readonly string[]): string {
  return Object.entries(fields)
    .filter(([name]) => !known.includes(name))
    .map(([name, value]) => `${name} ${listed(value)}`)
    .join(", ");
}

function listed(value: unknown): string {
  if (Array.isArray(value)) return value.join("; ");
  if (typeof value === "string") return value;
  return value === undefined ? "" : JSON.stringify(value);
}
