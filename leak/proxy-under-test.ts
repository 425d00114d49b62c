/**
 * The proxy alone in a process, with a control channel: started by `leak/subject.ts` with
 * `--expose-gc` and the name of a configuration file. What is looked at is the proxy of `src/`,
 * unchanged; probes and planted faults are put around it here.
 */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import v8 from "node:v8";
import type { ProxyConfig } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import type { Log } from "../src/core/log.ts";
import { startProxy } from "../src/proxy.ts";
import { collectGarbage } from "./collect.ts";
import { setDisk } from "./disk.ts";
import type { Answer, LiveBytes, Probe, Question, Ready, Snapshot } from "./messages.ts";
import { adoptOwnClasses, countInstances } from "./class-census.ts";
import { plant } from "./planted-leaks.ts";
import { registrySizes, watchRegistries } from "./live-counters.ts";

const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const source = join(dirname(fileURLToPath(import.meta.url)), "..", "src");
const file = process.argv[2] ?? "";

await adoptOwnClasses(source);
watchRegistries();
const proxy = await startProxy(await configOf(file), silent, { version: "0.0.0" });
process.on("message", (question: Question) => void answer(question));
process.on("disconnect", () => process.exit(0));
const urls = Object.fromEntries(proxy.listeners.map(({ name, url }) => [name, url]));
process.send?.({ urls } satisfies Ready);

async function answer(question: Question): Promise<void> {
  let reply: Answer;
  try {
    reply = { value: (await replyTo(question)) ?? null };
  } catch (error) {
    reply = { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(reply);
}

async function replyTo(question: Question): Promise<unknown> {
  switch (question.ask) {
    case "probe":
      return probe();
    case "snapshot":
      await collectGarbage();
      return { instances: countInstances(), ...probe() } satisfies Snapshot;
    case "memory":
      await collectGarbage();
      return liveBytes();
    case "heap":
      await collectGarbage();
      return v8.writeHeapSnapshot(question.file);
    case "plant":
      plant(question.plant, question.every);
      return undefined;
    case "disk":
      setDisk(question.state);
      return undefined;
    case "reload":
      await proxy.reload(await configOf(file, question.text));
      return undefined;
    case "stop":
      await proxy.drain(2000);
      await proxy.close();
      setImmediate(() => process.disconnect());
      return undefined;
    default:
      return question satisfies never;
  }
}

function probe(): Probe {
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { registries: registrySizes(), resources, descriptors: descriptorCount() };
}

function liveBytes(): LiveBytes {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, arrayBuffers, external: external - arrayBuffers };
}

/** Open files of this process; the one that lists them is among them, always. */
function descriptorCount(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

async function configOf(name: string, text?: string): Promise<ProxyConfig> {
  const result = await loadConfig(name, text === undefined ? {} : { text });
  if ("config" in result) return result.config;
  throw new Error(
    result.problems.map(({ line, message }) => `${name}:${line}: ${message}`).join("\n"),
  );
}

function ignore(): void {}
