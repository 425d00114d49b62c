/** How a scenario is run. */
export interface RunSettings {
  readonly rounds: number;
  readonly requests: number;
  readonly warmup: number;
  /** Requests per second of the runs for latency; 0: none; `undefined`: as the rounds tell. */
  readonly latencyRate: number | undefined;
  readonly entry: string;
  /** A folder of this run's own, on disk. */
  readonly directory: string;
  readonly certificate: string;
  readonly privateKey: string;
  /** Node's arguments for this project's proxy, by peer name. */
  readonly nodeArguments: (peer: string) => readonly string[];
  readonly progress: (message: string) => void;
}
