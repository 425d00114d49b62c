/** The lists of revoked certificates (RFC 5280 §5) in a file. */

const list = /-----BEGIN X509 CRL-----[^]*?-----END X509 CRL-----/g;

/** Each by itself, as PEM: OpenSSL reads the first one of a text alone. */
export function revocationLists(pem: string): string[] {
  return pem.match(list) ?? [];
}
