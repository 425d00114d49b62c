/** A log that a witness is asked about. */
import { MerkleTree } from "../../src/tlog/merkle-tree.ts";
import { signCheckpoint } from "../../src/tlog/signed-checkpoint.ts";
import type { SigningKey } from "../../src/tlog/signing-key.ts";
import { proveConsistency } from "../../src/tlog/tree-proof.ts";
import { formatWitnessRequest } from "../../src/tlog/witness-request.ts";
import { makeEntries, NaiveReader } from "../tlog/naive-tree.ts";
import { seededKey } from "../tlog/keys.ts";

export class GrowingLog {
  readonly origin: string;
  readonly key: SigningKey;
  readonly #entries: readonly Buffer[];
  readonly #reader: NaiveReader;

  /** @param fork logs of one origin with different numbers have no entry in common */
  constructor(origin = "example.com/log", fork = 0, size = 400) {
    this.origin = origin;
    this.key = seededKey(origin, 1);
    this.#entries = makeEntries(size, fork);
    this.#reader = new NaiveReader(this.#entries);
  }

  root(size: number): Buffer {
    const tree = new MerkleTree();
    for (const entry of this.#entries.slice(0, size)) tree.append(entry);
    return tree.root();
  }

  checkpoint(size: number): Buffer {
    const { origin } = this;
    return signCheckpoint({ origin, size, root: this.root(size), extensions: [] }, [this.key], 0);
  }

  prove(oldSize: number, size: number): Uint8Array[] {
    return oldSize > size ? [] : proveConsistency(oldSize, size, this.#reader);
  }

  /** The body of add-checkpoint. */
  request(oldSize: number, size: number): Buffer {
    const proof = this.prove(oldSize, size);
    return formatWitnessRequest({ oldSize, proof, checkpoint: this.checkpoint(size) });
  }
}
