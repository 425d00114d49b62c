import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { GenerationCache } from "../../core/generation-cache.ts";

/** What a client certificate says about the client; from the TLS layer. */
export interface CertificateFacts {
  /** Distinguished name of the subject, in the form of RFC 4514 or OpenSSL's one-line form. */
  readonly subject: string;
  /** First CN of the subject, when there is one. */
  readonly commonName: string | undefined;
  /** SHA-256 of the DER form, hexadecimal without colons. */
  readonly fingerprint256: string;
}

/** Claims of a JWT that nobody has checked: the proxy does not hold the keys. */
export interface UnverifiedClaims {
  readonly iss: string | undefined;
  readonly sub: string | undefined;
  /** Seconds since the Unix epoch. */
  readonly exp: number | undefined;
  readonly unverified: true;
}

/**
 * Who the client *claims* to be. Holds no secret: passwords, key secrets, tokens and signatures
 * never get here.
 */
export interface Identity {
  readonly scheme: "basic" | "apikey" | "bearer" | "certificate" | "aws" | "other" | "none";
  /** Basic user, certificate CN, JWT `sub`; one char per byte for Basic. */
  readonly userName: string | undefined;
  /** API key id, AWS access key id. */
  readonly userId: string | undefined;
  /** Value of `es-security-runas-user`, one char per byte. */
  readonly effectiveUserName: string | undefined;
  /**
   * Keyed HMAC-SHA256 (hexadecimal, 32 digits) of a credential that names nobody: equal tokens
   * correlate.
   */
  readonly token: string | undefined;
  readonly jwt: UnverifiedClaims | undefined;
  readonly certificate: CertificateFacts | undefined;
  /** The name of another known scheme, lower case; nothing else of such a header is kept. */
  readonly schemeName: string | undefined;
  /** The credential did not have the form that its scheme asks for. */
  readonly malformed: boolean;
}

/**
 * Schemes whose names are kept: the registered ones (IANA, HTTP Authentication Schemes) and some
 * that clouds use.
 */
const otherSchemes: ReadonlySet<string> = new Set([
  "aws4-ecdsa-p256-sha256",
  "concealed",
  "digest",
  "dpop",
  "gnap",
  "goog4-rsa-sha256",
  "hawk",
  "hoba",
  "mutual",
  "negotiate",
  "ntlm",
  "oauth",
  "privatetoken",
  "scram-sha-1",
  "scram-sha-256",
  "sharedkey",
  "token",
  "vapid",
]);

// oxlint-disable-next-line no-control-regex -- RFC 7617 §2 excludes them from a user's name
const hasControls = /[\x00-\x1f\x7f]/;
/** The id half of an API key. */
const keyId = /^([\x21-\x39\x3b-\x7e]{1,256}):/;

/** Credentials that are kept read: more than a proxy's clients usually have. */
const maxEntries = 1000;
/** Longer ones, such as JWTs with many claims, are read anew, to bound memory. Characters. */
const maxCachedLength = 4096;

/**
 * Reads identities and remembers the answers for as many as 1,000 different credentials, in memory
 * only, because a client repeats the same header with every request. Each instance has its own key,
 * so tokens of two instances with different keys do not correlate.
 */
export class IdentityReader {
  readonly #key: Uint8Array;
  readonly #known = new GenerationCache<string, Identity>(maxEntries / 2);

  /** @param hmacKey at least 16 bytes; kept for the life of the reader */
  constructor(hmacKey: Uint8Array) {
    this.#key = hmacKey;
  }

  /** The identity behind a credential; runs `identityFrom` on the first sight of it. */
  read(
    authorization: string | undefined,
    runAs: string | undefined,
    certificate: CertificateFacts | undefined,
  ): Identity {
    if (authorization === undefined && runAs === undefined && certificate === undefined)
      return nobody;
    if (runAs !== undefined || certificate !== undefined || authorization === undefined)
      return identityFrom(authorization, runAs, certificate, this.#key);
    const known = this.#known.get(authorization);
    if (known !== undefined) return known;
    const identity = identityFrom(authorization, undefined, undefined, this.#key);
    if (authorization.length <= maxCachedLength) this.#known.set(authorization, identity);
    return identity;
  }
}

const nobody: Identity = identity("none", {});

/**
 * Who a request claims to be, from the raw header values (one char per byte) and the client
 * certificate. The scheme name is compared without case (RFC 9110 §11.1). An `Authorization` header
 * wins over the certificate, whose facts stay attached.
 */
export function identityFrom(
  authorization: string | undefined,
  runAs: string | undefined,
  certificate: CertificateFacts | undefined,
  hmacKey: Uint8Array,
): Identity {
  const shared = { effectiveUserName: runAs, certificate };
  if (authorization === undefined) {
    if (certificate === undefined) return identity("none", shared);
    return identity("certificate", {
      ...shared,
      userName: certificate.commonName ?? certificate.subject,
    });
  }
  const space = authorization.indexOf(" ");
  const scheme = (space < 0 ? authorization : authorization.slice(0, space)).toLowerCase();
  const credential = space < 0 ? "" : authorization.slice(space + 1).trim();
  switch (scheme) {
    case "basic":
      return identity("basic", { ...shared, ...basic(credential, hmacKey) });
    case "apikey":
      return identity("apikey", { ...shared, ...apiKey(credential, hmacKey) });
    case "bearer":
      return identity("bearer", { ...shared, ...bearer(credential, hmacKey) });
    case "aws4-hmac-sha256":
      return identity("aws", { ...shared, ...aws(credential) });
    default:
      return identity("other", { ...shared, ...other(authorization, scheme, hmacKey) });
  }
}

/**
 * Keyed token of a value: HMAC-SHA256, the first 128 bits in hexadecimal. Equal values give equal
 * tokens; nothing can be guessed without the key.
 */
export function keyedToken(value: string | Uint8Array, hmacKey: Uint8Array): string {
  const hmac = createHmac("sha256", hmacKey);
  if (typeof value === "string") hmac.update(value, "latin1");
  else hmac.update(value);
  return hmac.digest("hex").slice(0, 32);
}

type Parts = { -readonly [Key in keyof Identity]?: Identity[Key] };

function identity(scheme: Identity["scheme"], parts: Parts): Identity {
  return {
    scheme,
    userName: parts.userName,
    userId: parts.userId,
    effectiveUserName: parts.effectiveUserName,
    token: parts.token,
    jwt: parts.jwt,
    certificate: parts.certificate,
    schemeName: parts.schemeName,
    malformed: parts.malformed ?? false,
  };
}

function basic(credential: string, hmacKey: Uint8Array): Parts {
  const decoded = decodeBase64(credential);
  // RFC 7617 §2: a user name cannot hold a colon, a password can.
  const colon = decoded?.indexOf(":") ?? -1;
  const userName = decoded?.slice(0, colon) ?? "";
  // What is no name may be a part of a secret that was sent in place of the encoded pair.
  if (colon < 0 || hasControls.test(userName))
    return { malformed: true, token: keyedToken(credential, hmacKey) };
  return { userName };
}

function apiKey(credential: string, hmacKey: Uint8Array): Parts {
  const decoded = decodeBase64(credential);
  const userId = decoded === undefined ? undefined : keyId.exec(decoded)?.[1];
  return userId === undefined
    ? { malformed: true, token: keyedToken(credential, hmacKey) }
    : { userId };
}

function bearer(credential: string, hmacKey: Uint8Array): Parts {
  const token = keyedToken(credential, hmacKey);
  if (credential === "") return { malformed: true, token };
  const jwt = claims(credential);
  return jwt === undefined ? { token } : { token, jwt, userName: jwt.sub };
}

function aws(credential: string): Parts {
  const keyId = /(?:^|[\s,])Credential=([\w-]{1,128})\//.exec(credential)?.[1];
  return keyId === undefined ? { malformed: true } : { userId: keyId };
}

/** An unknown word may be the credential itself: a known scheme's name is kept, or a token. */
function other(authorization: string, scheme: string, hmacKey: Uint8Array): Parts {
  return otherSchemes.has(scheme)
    ? { schemeName: scheme }
    : { malformed: true, token: keyedToken(authorization, hmacKey) };
}

/**
 * Reads `iss`, `sub` and `exp` of a three-part token whose parts are base64url JSON; anything else
 * is opaque.
 */
function claims(token: string): UnverifiedClaims | undefined {
  const parts = token.split(".", 4);
  const payload = parts[1];
  if (parts.length !== 3 || payload === undefined || payload.length > 16_384) return undefined;
  if (!/^[\w-]+$/.test(payload) || !/^[\w-]+$/.test(parts[0] ?? "")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const iss = fields.get("iss");
  const sub = fields.get("sub");
  const exp = fields.get("exp");
  return {
    iss: typeof iss === "string" ? capped(iss) : undefined,
    sub: typeof sub === "string" ? capped(sub) : undefined,
    exp: typeof exp === "number" && Number.isFinite(exp) ? exp : undefined,
    unverified: true,
  };
}

function capped(text: string): string {
  return text.length > 1024 ? text.slice(0, 1024) : text;
}

function decodeBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, "base64").toString("latin1");
}
