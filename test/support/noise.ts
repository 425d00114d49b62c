import { createCipheriv } from "node:crypto";

/**
 * Bytes that look random and are the same in each run: real ones hold, once in many runs, what the
 * redaction takes for a secret.
 */
export function noise(bytes: number, seed = 1): Buffer {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16)).update(
    Buffer.alloc(bytes),
  );
}
