/** What a witness is made from. */
import type { ListenAddress, ListenerTls } from "../net/socket-listener.ts";
import type { SignatureType } from "../tlog/signature-type.ts";
import type { VerifierKey } from "../tlog/verifier-key.ts";

/** A log whose checkpoints are cosigned. */
export interface WitnessLogOptions {
  readonly origin: string;
  /** One or more; a checkpoint needs a valid signature of one of them. */
  readonly keys: readonly VerifierKey[];
}

/** A key that the witness signs with. */
export interface WitnessKeyOptions {
  readonly type: Exclude<SignatureType, "ed25519">;
  /** PKCS#8 PEM; made when it does not exist. Absolute. */
  readonly file: string;
}

export interface WitnessOptions {
  /** Of the keys; a URL without scheme is advised, such as `witness.example/w1`. */
  readonly name: string;
  readonly bind: ListenAddress;
  readonly tls: ListenerTls | undefined;
  /** Where the newest checkpoint of each log is kept. Absolute. */
  readonly directory: string;
  /** One or more. */
  readonly keys: readonly WitnessKeyOptions[];
  /** Different origins. */
  readonly logs: readonly WitnessLogOptions[];
}
