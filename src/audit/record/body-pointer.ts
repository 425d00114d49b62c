/** Where the content of a body lies, as a record says it. */

/** A body in a pack of the audit directory. */
export interface BodyPointer {
  /** Name of the pack in the directory of the record. */
  readonly pack: string;
  /** Where the last frame of the body begins in the pack; each frame names the one before it. */
  readonly offset: number;
  /** Bytes of the data of all its frames, as they are stored. */
  readonly storedBytes: number;
  /** Bytes of the body as it was kept: as received, or what the redaction let through. */
  readonly bytes: number;
  /** SHA-256 of these bytes, in hexadecimal. */
  readonly sha256: string;
}

/** A body in a file of its own, as earlier versions stored them. */
export interface BodyFilePointer {
  /** `bodies/ab/abcdef…` below the audit directory, named by the SHA-256 of its content. */
  readonly file: string;
}
