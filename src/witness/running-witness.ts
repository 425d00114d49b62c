/** Puts a witness together and runs it. */
import { errorMessage } from "../core/system-error.ts";
import { openSigningKey } from "../attestation/signing-key-file.ts";
import { DirectoryLock, holderName } from "../audit/store/directory-lock.ts";
import type { Clock } from "../core/clock.ts";
import { makeFolder } from "../core/durable-file.ts";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { SigningKey } from "../tlog/signing-key.ts";
import { CheckpointFiles } from "./checkpoint-files.ts";
import { WitnessListener } from "./witness-listener.ts";
import type { WitnessKeyOptions, WitnessOptions } from "./witness-options.ts";
import { Witness } from "./witness.ts";

/** A witness that accepts requests. */
export interface RunningWitness {
  /** Where it listens. */
  readonly url: string;
  /** For the configuration of the logs. */
  readonly vkeys: readonly string[];
  /** Ends the listener and lets the directory go. */
  close(): Promise<void>;
}

/**
 * Reads or makes the keys, takes the directory and listens.
 *
 * @throws {ProxyError} ESP_ERR_CONFIG for keys and directories that cannot be used, ESP_ERR_LISTEN,
 *   ESP_ERR_TLS_FILE; each names what it is about
 */
export async function startWitness(
  options: WitnessOptions,
  log: Log,
  clock: Clock,
): Promise<RunningWitness> {
  const { directory, name, bind, tls, logs } = options;
  const lock = takeDirectory(directory);
  try {
    const keys = openWitnessKeys(name, options.keys, log);
    const store = new CheckpointFiles(directory);
    const witness = new Witness({ keys, logs, store, isAlone: () => lock.keep(), clock, log });
    const listener = await WitnessListener.open({ bind, tls, log }, witness);
    const close = async (): Promise<void> => {
      await listener.close();
      lock.release();
    };
    const vkeys = keys.map(({ verifier }) => verifier.toString());
    return { url: listener.url, vkeys, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Reads the keys, and makes those that do not exist. @throws {ProxyError} ESP_ERR_CONFIG */
export function openWitnessKeys(
  name: string,
  keys: readonly WitnessKeyOptions[],
  log: Log,
): SigningKey[] {
  return keys.map(({ file, type }) => {
    try {
      const { key, isNew, isExposed } = openSigningKey(file, name, type);
      if (isNew) log.info({ file, vkey: vkeyForLog(key) }, "a new key was made");
      if (isExposed) log.warn({ file }, "others than the owner may read this private key");
      return key;
    } catch (cause) {
      const message = `the key of the witness cannot be used: ${errorMessage(cause)}`;
      throw new ProxyError("ESP_ERR_CONFIG", message, { cause });
    }
  });
}

/** Two witnesses over the same files could both cosign what follows from the same size. */
function takeDirectory(directory: string): DirectoryLock {
  try {
    makeFolder(directory, 0o700);
    const lock = DirectoryLock.take(directory, "witness");
    if (typeof lock !== "number") return lock;
    throw new Error(`another witness uses it (${holderName(lock)})`);
  } catch (cause) {
    const message = `the directory ${directory} cannot be used: ${errorMessage(cause)}`;
    throw new ProxyError("ESP_ERR_CONFIG", message, { cause });
  }
}

/** A vkey of ML-DSA-44 has 1,800 characters: the log names it by the part before. */
function vkeyForLog({ verifier }: SigningKey): string {
  const vkey = verifier.toString();
  return vkey.length > 200 ? `${vkey.slice(0, 100)}…` : vkey;
}
