/** Whose signatures a verification believes, and who said so. */
import { isQuorum, type Policy, type PolicyWitness } from "../../../tlog/policy.ts";
import { parsePolicy } from "../../../tlog/policy-file.ts";
import { signatureTypes } from "../../../tlog/signature-type.ts";
import { TlogError } from "../../../tlog/tlog-error.ts";
import { VerifierKey } from "../../../tlog/verifier-key.ts";
import { policyFile } from "../../store/tlog-files.ts";
import { LogFolder, logNames, readTlogFile } from "./log-folder.ts";

/** Where the keys come from: the caller's files, the caller's keys, or the directory itself. */
export type TrustSource = "policy" | "vkeys" | "directory";

/** Keys of logs and of those who vouch for them. */
export class Trust {
  readonly source: TrustSource;
  readonly #policy: Policy;

  private constructor(source: TrustSource, policy: Policy) {
    this.source = source;
    this.#policy = policy;
  }

  /** A policy that the caller brings. */
  static ofPolicy(policy: Policy): Trust {
    return new Trust("policy", policy);
  }

  /**
   * Keys that the caller brings: of logs, and of witnesses, of which one is enough. A key for
   * cosignatures with the name of a log is a second key of that log.
   *
   * @throws {TlogError} `key` without a key of a log
   */
  static ofKeys(keys: readonly VerifierKey[]): Trust {
    const plain = keys.filter(({ type }) => !signatureTypes[type].isTimestamped);
    const isLogs = ({ name }: VerifierKey): boolean => plain.some((key) => key.name === name);
    const logs = keys.filter(isLogs);
    if (logs.length === 0)
      throw new TlogError("key", "no key is one of a log: a log needs a key of type Ed25519");
    const witnesses = keys
      .filter((key) => !isLogs(key))
      .map((key): PolicyWitness => ({ name: key.toString(), key, url: undefined }));
    const quorum =
      witnesses.length === 0 ? undefined : { name: "any", threshold: 1, members: witnesses };
    return new Trust("vkeys", { logs: logs.map(logOf), witnesses, quorum });
  }

  /** What the directory claims itself: it shows accidents, and changes by those without the key. */
  static ofDirectory(directory: string): Trust {
    const file = readTlogFile(directory, policyFile);
    const read = file === undefined ? undefined : parsePolicy(file);
    if (read !== undefined && "policy" in read) return new Trust("directory", read.policy);
    const keys = logNames(directory)
      .flatMap((name) => new LogFolder(directory, name).vkeys())
      .flatMap(keyOf);
    return new Trust("directory", { logs: keys.map(logOf), witnesses: [], quorum: undefined });
  }

  /** Whether a cosignature is asked for. */
  get asksWitnesses(): boolean {
    return this.#policy.quorum !== undefined;
  }

  get policy(): Policy {
    return this.#policy;
  }

  /**
   * Keys that the log with this origin may sign with. The logs of workers, `ORIGIN/audit.2`, have
   * the same key under their own name, and the manifest that binds them under `ORIGIN`.
   */
  logKeys(origin: string): VerifierKey[] {
    const keys = this.#policy.logs.map(({ key }) => key);
    const own = keys.filter(({ name }) => name === origin);
    if (own.length > 0) return own;
    return keys
      .filter(({ name }) => name === parentOf(origin) || parentOf(name) === origin)
      .map(({ type, publicKey }) => new VerifierKey(origin, type, publicKey));
  }

  /** Whether these witnesses are enough to say that somebody else has signed. */
  isVouchedBy(witnesses: ReadonlySet<PolicyWitness>): boolean {
    return witnesses.size > 0 && isQuorum(this.#policy, witnesses);
  }
}

function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

function logOf(key: VerifierKey): Policy["logs"][number] {
  return { key, url: undefined };
}

function keyOf(vkey: string): VerifierKey[] {
  try {
    return [VerifierKey.parse(vkey)];
  } catch {
    return [];
  }
}
