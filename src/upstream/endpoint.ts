/** Where an endpoint is reached. */
export interface EndpointAddress {
  /** Label in records and metrics, `http://host:port`. */
  readonly url: string;
  readonly isTls: boolean;
  /** Host name or address, without brackets; empty for a unix socket. */
  readonly host: string;
  readonly port: number;
  /** Unix socket; `undefined` for TCP. */
  readonly path: string | undefined;
  /** `Host` for requests that came without one. */
  readonly authority: string;
  readonly weight: number;
}

/** One address of a pool and its state: health, ejection, load, counts. */
export class Endpoint {
  readonly address: EndpointAddress;
  /** `host:port`, for records. */
  readonly label: string;
  /** Open connections: connecting, busy and idle. Counted by its pool. */
  open = 0;
  /** Of these, connections that wait for their clients and leave their places to others. */
  parked = 0;
  /** Exchanges being served. Counted by its pool. */
  active = 0;
  /** Set by the active health check. */
  isHealthy = true;
  /** The active health check has had an answer, or a failure, from it. */
  isProbed = false;
  /** Monotonic milliseconds until which outlier detection keeps it out; 0: not ejected. */
  ejectedUntilMs = 0;
  /** When it became available again, for slow start; 0: long ago. */
  returnedAtMs = 0;
  /**
   * What its name was resolved to last; `undefined`: it has no name, or was not looked up again.
   */
  addresses: ReadonlySet<string> | undefined = undefined;
  /** Counts for the metrics; a reload hands them on. */
  totals = {
    requests: 0,
    failures: 0,
    connectFailures: 0,
    ejections: 0,
    becameHealthy: 0,
    becameUnhealthy: 0,
  };

  constructor(address: EndpointAddress) {
    this.address = address;
    this.label =
      address.path ??
      (address.host.includes(":")
        ? `[${address.host}]:${address.port}`
        : `${address.host}:${address.port}`);
  }

  get isAvailable(): boolean {
    return this.isHealthy && this.ejectedUntilMs === 0;
  }
}
