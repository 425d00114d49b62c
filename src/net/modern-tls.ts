/** What a TLS server of ours does unless it is told otherwise. */
import { constants } from "node:crypto";

/** Mozilla's intermediate list of 2024 without finite-field Diffie-Hellman (RFC 9325 §4.2). */
export const modernCiphers = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** A renegotiation asked for by a client costs us more than the client (CVE-2011-1473). */
export const noRenegotiation: number = constants.SSL_OP_NO_RENEGOTIATION;
