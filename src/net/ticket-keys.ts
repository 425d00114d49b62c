/** Keys of TLS session tickets that hang on the configuration under which a client was admitted. */
import { hkdfSync } from "node:crypto";

/** Length that OpenSSL wants: name, HMAC key and AES key (SSL_CTX_set_tlsext_ticket_keys(3)). */
const keyBytes = 48;

/**
 * Ticket keys for one TLS configuration. Workers that share `base` resume each other's sessions; a
 * session of another configuration is never resumed, so a client whose authority was removed has
 * to show its certificate again.
 *
 * @param base random bytes, the same in all workers; `node:cluster` hands the first worker's on
 * @param configuration digest of everything that decides whether a client is admitted
 */
export function ticketKeysFor(base: Buffer, configuration: string): Buffer {
  return Buffer.from(hkdfSync("sha256", base, configuration, "es-proxy session tickets", keyBytes));
}
