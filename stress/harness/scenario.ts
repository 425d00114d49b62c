import type { Ledger } from "./ledger.ts";

/** What the load of a scenario gets. */
export interface LoadContext {
  readonly port: number;
  /** Connections at the same time. */
  readonly clients: number;
  readonly durationMs: number;
  readonly ledger: Ledger;
}

/** What the configuration of the proxy may use. */
export interface ConfigParts {
  /** Ports of the mocks. */
  readonly mocks: readonly number[];
  readonly folder: string;
  readonly cert: string;
  readonly key: string;
}

/** What a scenario may do to the processes while the load runs. */
export interface Disturbance {
  /** The proxy's configuration file is replaced, and the proxy told to read it again. */
  reload(config: string): Promise<void>;
  /** A mock is killed, and started again on its port with the same documents. */
  kill(mock: number): Promise<void>;
  revive(mock: number): Promise<void>;
  /** Resolves after this time, or when the load is over. */
  wait(ms: number): Promise<void>;
  /** The load is over. */
  readonly isOver: boolean;
  readonly parts: ConfigParts;
}

/** A load with the proxy that it needs. */
export interface StressScenario {
  readonly name: string;
  readonly title: string;
  /** The listeners and pools of the proxy; audit and admin are added. */
  readonly config: (parts: ConfigParts) => string;
  /** @default 1 */
  readonly mocks?: number;
  /** Faults of the mocks, in the form of their control endpoint. */
  readonly faults?: readonly object[];
  /** Why the run did not do what the scenario is about; `undefined`: it did. */
  readonly missing?: (seen: {
    readonly retries: number;
    readonly reloads: number;
    readonly excused: number;
  }) => string | undefined;
  /** Times that a request may reach an endpoint. @default 1 */
  readonly mostAttempts?: number;
  /**
   * A mock dies and forgets what it has seen: a request that the audit has need not be in its
   * recorder.
   */
  readonly losesMocks?: boolean;
  /** Nothing of HTTP is recorded: only the mock is compared with what was sent. */
  readonly hasNoAudit?: boolean;
  load(context: LoadContext): Promise<void>;
  disturb?(disturbance: Disturbance): Promise<void>;
}

/** One listener, one pool with one endpoint. */
export function plainConfig({ mocks }: ConfigParts): string {
  return `listeners:
  - name: es
    bind: 127.0.0.1:0
    routes: [{path: /, pool: elasticsearch}]
pools:
  elasticsearch:
    endpoints: ["http://127.0.0.1:${mocks[0]}"]
`;
}
