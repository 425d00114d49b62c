import type { Identity } from "../elasticsearch/identity.ts";

/** What an encoder rendered last for one connection; valid while the header values are the ones it was rendered from. */
export interface ConnectionPieces {
  /** The encoder that rendered them; pieces of another one are not used. */
  readonly owner: object;
  /** Client and TLS facts of the connection. */
  readonly fixed: string;
  /** For response records. */
  readonly fixedShort: string;
  host: string | undefined;
  userAgent: string | undefined;
  authorization: string | undefined;
  runAs: string | undefined;
  contentType: string | undefined;
  accept: string | undefined;
  clientMeta: string | undefined;
  /** Everything that depends on the header values above, request record. */
  client: string;
  identity: Identity | undefined;
  /** The part of it which the response record repeats. */
  clientShort: string;
  mime: string;
  extras: string;
  headers: string;
  raw: string;
  responseContentType: string | undefined;
  responseMime: string;
}

/** What an encoder rendered for one route. */
export interface RoutePieces {
  readonly owner: object;
  readonly text: string;
}
