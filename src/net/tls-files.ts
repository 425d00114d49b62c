import { createHash } from "node:crypto";
import * as tls from "node:tls";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";
import { noRenegotiation } from "./modern-tls.ts";
import { revocationLists } from "./revocation-lists.ts";
import { WatchedFiles } from "./watched-files.ts";

/** PEM files of one TLS identity; each may be absent. */
export interface TlsFileNames {
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly caFile: string | undefined;
  /** Lists of revoked certificates. */
  readonly crlFile?: string | undefined;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  /** Suites in the order of preference, as OpenSSL writes them (`ciphers(1)`). */
  readonly ciphers: string;
}

/**
 * Milliseconds between two looks at the files: a renewed certificate is in use a second later, at
 * the cost of a few calls of `stat`.
 */
const checkIntervalMs = 1000;

/**
 * A secure context made from files and made again when they change, without a restart. A change
 * that does not fit together yet (a new certificate whose key has still to be written) keeps the
 * old context and is tried again.
 */
export class TlsFiles {
  readonly #names: TlsFileNames;
  readonly #files: WatchedFiles;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #options: tls.SecureContextOptions;
  #context: tls.SecureContext;
  #onChange: () => void = () => {};

  /** @throws {ProxyError} ESP_ERR_TLS_FILE naming the file and what is wrong with it. */
  constructor(names: TlsFileNames, log: Log) {
    this.#names = names;
    this.#log = log;
    this.#files = new WatchedFiles(
      [names.certFile, names.keyFile, names.caFile, names.crlFile].filter(
        (name) => name !== undefined,
      ),
    );
    this.#options = this.#load();
    this.#context = this.#contextOf(this.#options);
    this.#timer = setInterval(() => void this.#files.check(() => this.#reload()), checkIntervalMs);
    this.#timer.unref();
  }

  get options(): tls.SecureContextOptions {
    return this.#options;
  }

  /** Changes with everything that decides which clients are admitted, and how. */
  get digest(): string {
    const { cert = "", ca = "", crl = [] } = this.#options;
    const { minVersion, ciphers } = this.#names;
    const hash = createHash("sha256").update(`${minVersion}\0${ciphers}\0`);
    return hash.update([cert, ca, crl].map(String).join("\0")).digest("hex");
  }

  get context(): tls.SecureContext {
    return this.#context;
  }

  /** `listener` is called after each change. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #load(): tls.SecureContextOptions {
    const { certFile, keyFile, caFile, crlFile, minVersion, ciphers } = this.#names;
    const contents = this.#files.read();
    const take = (name: string | undefined): Buffer | undefined =>
      name === undefined ? undefined : contents.shift();
    const cert = take(certFile);
    const key = take(keyFile);
    const ca = take(caFile);
    const crl = take(crlFile);
    return {
      minVersion,
      ciphers,
      secureOptions: noRenegotiation,
      ...(cert && { cert }),
      ...(key && { key }),
      ...(ca && { ca }),
      ...(crl && { crl: revocationLists(crl.toString("latin1")) }),
    };
  }

  #contextOf(options: tls.SecureContextOptions): tls.SecureContext {
    try {
      return tls.createSecureContext(options);
    } catch (cause) {
      const reason = errorCode(cause, "not valid PEM");
      throw new ProxyError(
        "ESP_ERR_TLS_FILE",
        `cannot use ${this.#files.paths.join(" with ")}: ${reason}`,
        { cause },
      );
    }
  }

  #reload(): void {
    try {
      const options = this.#load();
      this.#context = this.#contextOf(options);
      this.#options = options;
    } catch (error) {
      this.#log.warn(
        { files: this.#files.paths.join(", ") },
        "changed TLS files cannot be used yet: the old ones stay in use",
      );
      throw error;
    }
    this.#onChange();
    this.#log.info({ files: this.#files.paths.join(", ") }, "changed TLS files are in use");
  }
}
