import { prometheusContentType, prometheusText } from "../metrics/prometheus-text.ts";
import type { AdminSource, ControlOutcome } from "./admin-source.ts";
import { healthOf } from "./health.ts";
import { statusFields } from "./status-fields.ts";

/** Names of the parts that a configuration can hide. */
export type PageName = "status" | "health" | "backends" | "metrics" | "livez" | "readyz";

/** An answer that is ready to be sent. */
export interface PageAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One address of the admin listener. */
export interface Page {
  /** `undefined`: cannot be hidden. */
  readonly name: PageName | undefined;
  readonly methods: readonly string[];
  /** Answered without the token, because the answer is one word. */
  readonly isOpen: boolean;
  answer(source: AdminSource): Promise<PageAnswer>;
}

const read = ["GET", "HEAD"];

/** Every address, by its path. */
export const pages: Readonly<Record<string, Page>> = {
  "/": { name: "status", methods: read, isOpen: false, answer: status },
  "/health": { name: "health", methods: read, isOpen: false, answer: health },
  "/health/backends": { name: "backends", methods: read, isOpen: false, answer: backends },
  "/metrics": { name: "metrics", methods: read, isOpen: false, answer: metrics },
  "/livez": { name: "livez", methods: read, isOpen: true, answer: async () => word(200, "live") },
  "/readyz": {
    name: "readyz",
    methods: read,
    isOpen: true,
    answer: async ({ state }) => (state === "running" ? word(200, "ready") : word(503, state)),
  },
  "/reload": {
    name: undefined,
    methods: ["POST"],
    isOpen: false,
    answer: async (source) => outcome(await source.reload()),
  },
  "/restart": {
    name: undefined,
    methods: ["POST"],
    isOpen: false,
    answer: async (source) => outcome(await source.restart()),
  },
};

/** JSON with a line feed behind it, for terminals. */
export function json(statusCode: number, value: unknown): PageAnswer {
  return {
    status: statusCode,
    contentType: "application/json",
    body: `${JSON.stringify(value, null, 2)}\n`,
  };
}

function word(statusCode: number, text: string): PageAnswer {
  return { status: statusCode, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}

async function status(source: AdminSource): Promise<PageAnswer> {
  return json(200, statusFields(source, await source.report()));
}

async function health(source: AdminSource): Promise<PageAnswer> {
  const found = healthOf(await source.report());
  return json(found.status === "failing" ? 503 : 200, found);
}

async function backends(source: AdminSource): Promise<PageAnswer> {
  const { pools } = await source.report();
  return json(200, { pools: Object.fromEntries(pools.map(({ name, ...rest }) => [name, rest])) });
}

async function metrics(source: AdminSource): Promise<PageAnswer> {
  const report = await source.report();
  return { status: 200, contentType: prometheusContentType, body: prometheusText(report.metrics) };
}

function outcome(result: ControlOutcome): PageAnswer {
  return json(result.isOk ? 200 : 422, {
    ok: result.isOk,
    message: result.message,
    ...(result.isOk ? {} : { problems: result.problems }),
  });
}
