import type { Identity } from "../../elasticsearch/identity/identity.ts";

/**
 * What an encoder rendered last for one connection; valid while the header values are the ones it
 * was rendered from.
 */
export interface ConnectionPieces {
  /** The encoder that rendered them; pieces of another one are not used. */
  readonly owner: object;
  host: string | undefined;
  userAgent: string | undefined;
  authorization: string | undefined;
  runAs: string | undefined;
  contentType: string | undefined;
  accept: string | undefined;
  clientMeta: string | undefined;
  identity: Identity | undefined;
  /** First part of a request record that depends on the connection and these header values. */
  requestOwn: Uint8Array;
  /** `raw` members of these header values. */
  raw: string;
  /** Second part of a request record. */
  requestClient: Uint8Array;
  /** The same two parts of a response record. */
  responseOwn: Uint8Array;
  responseClient: Uint8Array;
  responseContentType: string | undefined;
  /** The part of a response record that depends on the response's type. */
  responseType: Uint8Array;
}

/** What an encoder rendered for one route. */
export interface RoutePieces {
  readonly owner: object;
  readonly own: Uint8Array;
}
