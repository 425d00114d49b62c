/** What the proxy says about itself on its admin listener. */
export interface ProxySample {
  readonly residentMiB: number;
  readonly heapMiB: number;
  /** Event-loop delay since the last sample, in milliseconds. */
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly cpuSeconds: number;
  readonly retries: number;
  /** Reloads of the configuration that went well. */
  readonly reloads: number;
}

/** Reads `/metrics` of the admin listener. @throws {Error} when it is not answered with 200 */
export async function sampleProxy(adminUrl: string): Promise<ProxySample> {
  const answer = await fetch(new URL("/metrics", adminUrl));
  const text = await answer.text();
  if (!answer.ok) throw new Error(`/metrics: ${answer.status}`);
  const sum = (name: string): number => {
    let total = 0;
    for (const [, value] of text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gmu")))
      total += Number(value);
    return total;
  };
  const mebibyte = 2 ** 20;
  return {
    residentMiB: sum("es_proxy_resident_memory_bytes") / mebibyte,
    heapMiB: sum("es_proxy_heap_bytes") / mebibyte,
    delayP99Ms: sum("es_proxy_event_loop_delay_p99_seconds") * 1000,
    delayMaxMs: sum("es_proxy_event_loop_delay_max_seconds") * 1000,
    cpuSeconds: sum("es_proxy_cpu_seconds_total"),
    retries: sum("es_proxy_retries_total"),
    reloads: Number(/^es_proxy_reloads_total\{result="ok"\} (\S+)$/mu.exec(text)?.[1] ?? 0),
  };
}
