/**
 * A process that serves a stand-in for the proxy, so that tests can send it real signals and see on
 * stdout what it is asked.
 *
 * Modes: `quick` drains at once, `stuck` never finishes draining, `wedged` and `patient` never
 * finish draining nor closing (and are left 300 ms and an hour to close), `reopen-fails` cannot
 * reopen its journal, `without-file` has no configuration file, `unreadable` has a configuration
 * file that cannot be used any more, `throws` and `rejects` fail where nobody waits for them,
 * `starting` goes on starting until SIGUSR1.
 */
import { configFromArguments } from "../../src/config/from-arguments.ts";
import { serve } from "../../src/cli/lifetime.ts";
import type { Start } from "../../src/cli/lifetime.ts";
import type { Reread } from "../../src/cli/reloader.ts";
import { createLog } from "../../src/cli/operational-log.ts";

const mode = process.argv[2] ?? "quick";
const never = new Promise<never>(() => undefined);
const say = (text: string): void => void process.stdout.write(`${text}\n`);
// Something has to keep the event loop alive where no socket does.
const alive = setInterval(() => undefined, 60_000);

const config = configFromArguments({
  remoteHost: "127.0.0.1",
  remotePort: 9,
  localHost: "127.0.0.1",
  localPort: 0,
  tls: undefined,
  caFile: undefined,
  verify: true,
  responseMs: undefined,
  auditDirectory: "-",
  auditFormat: "text",
});

const reread: Reread = async () =>
  mode === "unreadable" ? { problems: ["es.yaml:3:1: wrong"] } : { config };
const hurriedCloseMs = mode === "wedged" ? 300 : 3_600_000;
const start: Start = async () => {
  if (mode === "starting") {
    const told = new Promise<void>((resolve) => process.once("SIGUSR1", () => resolve()));
    process.stderr.write("starting\n");
    await told;
  }
  if (mode === "throws") setImmediate(() => JSON.parse("secret-of-a-client"));
  if (mode === "rejects")
    setImmediate(() => void Promise.reject(new RangeError("secret-of-a-client")));
  return {
    listeners: [{ name: "es", url: "http://127.0.0.1:1234" }],
    adminUrl: undefined,
    explorerUrl: undefined,
    drainTimeoutMs: config.drainTimeoutMs,
    reload: async () => say("reload"),
    restart: async () => say("restart"),
    noteReload: (problems) => say(`noted ${problems.length}`),
    drain: async (timeoutMs) => {
      say(`drain ${timeoutMs}`);
      if (["stuck", "wedged", "patient"].includes(mode)) await never;
    },
    close: async () => {
      say("close");
      if (["wedged", "patient"].includes(mode)) await never;
    },
    reopenAudit: () => {
      say("reopen");
      if (mode === "reopen-fails") throw new Error("no such folder");
    },
  };
};

const code = await serve(config, await createLog("info"), start, {
  hurriedCloseMs,
  ...(mode === "without-file" ? {} : { reread }),
});
clearInterval(alive);
process.exit(code);
