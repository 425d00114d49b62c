/** What one process has found out about an endpoint that others use, too. */
export interface HealthUpdate {
  readonly pool: string;
  /** Its URL. */
  readonly endpoint: string;
  /** How long outlier detection leaves the endpoint out. */
  readonly ejectedForMs?: number | undefined;
  /** What its active health check has concluded. */
  readonly isHealthy?: boolean | undefined;
}
