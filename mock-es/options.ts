import type { FaultRule } from "./faults/fault.ts";
import type { ProfileName } from "./profile.ts";
import type { RecorderOptions } from "./recorder/recorder.ts";
import type { SecurityOptions } from "./security/security.ts";
import type { CredentialOptions } from "./wire/authentication.ts";

/** Settings of a mock Elasticsearch; every one has a default. */
export interface MockEsOptions {
  /** Address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** Port to listen on; 0 takes a free one. @default 0 */
  readonly port?: number;
  /**
   * Nodes of the cluster, each on a port of its own (with `port` those that follow). The first one
   * is the master and holds all data, the others coordinate only. @default 1
   */
  readonly nodes?: number;
  /** `node.attr.*` of the nodes, by name, beside `xpack.installed`. @default none */
  readonly nodeAttributes?: Readonly<Record<string, string>>;
  /** Which Elasticsearch is spoken. @default "es9" */
  readonly profile?: ProfileName;
  /** PEM texts; when set, the mock speaks HTTPS only. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** When set, requests without one of these credentials are answered 401. */
  readonly credentials?: CredentialOptions;
  /**
   * Users, roles, API keys and privileges as with `xpack.security.enabled`. At first there is the
   * user `elastic` with this password. @default no security
   */
  readonly security?: SecurityOptions;
  /**
   * Longest accepted request body in bytes, after decompression too. @default 104857600 (100 MiB,
   * as the real server)
   */
  readonly maxBodyBytes?: number;
  /** False: writing to a missing index is refused. @default true */
  readonly autoCreateIndices?: boolean;
  /**
   * True: writes are seen by searches at once. False: as in the real server, after a refresh, which
   * comes by itself once a second. @default false
   */
  readonly instantRefresh?: boolean;
  /** Documents that are kept at most; a write beyond them is answered 429. @default 2000000 */
  readonly maxDocuments?: number;
  /**
   * Characters of all sources together that are kept at most; a write beyond them is answered 429.
   * @default 536870912
   */
  readonly maxSourceCharacters?: number;
  /** Idle time after which a kept-alive connection is closed, in milliseconds. @default 120000 */
  readonly keepAliveMs?: number;
  /**
   * Connections older than this are closed as soon as they are idle, in milliseconds. 0 never
   * closes them. @default 0
   */
  readonly maxConnectionAgeMs?: number;
  /** Faults that strike from the start. */
  readonly faults?: readonly FaultRule[];
  /**
   * Seed of everything that is random about faults. @default taken from the clock, and printed by
   * the command
   */
  readonly seed?: number;
  /** Lets a request bring its own fault as JSON in the field `X-Mock-Es-Fault`. @default false */
  readonly allowsFaultHeader?: boolean;
  /** What the recorder keeps. */
  readonly recorder?: RecorderOptions;
  /** Port of the control endpoint on the same host; 0 takes a free one, absent opens none. */
  readonly controlPort?: number;
  /**
   * Told about requests that no API endpoint takes, with the route that looks most like them.
   * @default nobody
   */
  readonly onUnmatched?: (
    method: string,
    target: string,
    reason: string,
    nearestRoute: string,
  ) => void;
  /** Milliseconds since the epoch; for tests. @default Date.now */
  readonly nowMs?: () => number;
}

/**
 * Longest request body that is accepted unless an option says otherwise: `http.max_content_length`
 * of the real server.
 */
export const defaultMaxBodyBytes = 104_857_600;
/** Default of `maxDocuments`; a test data set rarely has more, and they fit a small machine. */
export const defaultMaxDocuments = 2_000_000;
/** Default of `maxSourceCharacters`: at one or two bytes each, 0.5 to 1 GiB. */
export const defaultMaxSourceCharacters = 536_870_912;
/**
 * Longer than the idle time of proxies, so that a proxy closes first and does not meet a connection
 * that is just closing.
 */
export const defaultKeepAliveMs = 120_000;
/**
 * Default port of the command; the real server has 9200, which a proxy in front of the mock takes.
 */
export const defaultPort = 19_200;
