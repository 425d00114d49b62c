import type { Child } from "../child.ts";
import type { Scenario } from "../scenarios.ts";

/** What a peer is started with. */
export interface PeerSetup {
  readonly scenario: Scenario;
  /**
   * Ports of the origins on 127.0.0.1; with `scenario.failingOrigins` the failing ones come first.
   */
  readonly originPorts: readonly number[];
  /** An empty folder of this peer's own, on disk, for configuration, logs and records. */
  readonly directory: string;
  /** PEM files for scenarios with TLS. */
  readonly certificate: string;
  readonly privateKey: string;
  /** Entry file of the proxy of this project. */
  readonly entry: string;
  /**
   * Further arguments for Node when this project's proxy is started, for example those of the
   * profiler.
   */
  readonly nodeArguments: readonly string[];
  /** A program with its arguments that runs this project's proxy, such as an emulator. */
  readonly launcher?: Launcher;
}

/** A program that runs another one, whose command line follows its own arguments. */
export interface Launcher {
  readonly program: string;
  readonly arguments: readonly string[];
  /** How long the program below may take to start, in milliseconds. */
  readonly startTimeoutMs: number;
}

/** A started peer, listening on 127.0.0.1. */
export interface RunningPeer {
  readonly child: Child;
  readonly port: number;
  /**
   * Present for peers that keep a log of the requests: number of lines on disk after the peer has
   * ended. A log that leaves requests out would make the peer look faster than it is. `bytes` is
   * what its files take by then.
   */
  readonly logLines?: {
    readonly count: () => number;
    readonly perRequest: number;
    readonly bytes: () => number;
  };
}

/**
 * A peer that turned out not to be able to run a scenario; its message is the reason for the
 * report.
 */
export class PeerAbsentError extends Error {}

/** A proxy that takes part in the benchmark. */
export interface Peer {
  readonly name: string;
  /** One line for the report: what it is and how it is set up. */
  readonly description: string;
  /** Whether its code is machine code from the start: then a short warm-up does. */
  readonly isNative: boolean;
  /**
   * Why this peer cannot run on this machine or cannot do this scenario; `undefined` when it can.
   */
  readonly problem: (scenario: Scenario, entry: string) => string | undefined;
  /** Version for the report. */
  readonly version: () => string;
  /**
   * @throws {PeerAbsentError} when only the start can tell that the peer cannot do this scenario.
   */
  readonly start: (setup: PeerSetup) => Promise<RunningPeer>;
}
