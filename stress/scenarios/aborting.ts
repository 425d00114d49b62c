import { autocannonLoad } from "../harness/autocannon-load.ts";
import { bulk, mixed, search } from "../harness/calls.ts";
import { type LoadContext, plainConfig, type StressScenario } from "../harness/scenario.ts";
import { openConnection, slowExchange } from "../harness/slow-client.ts";

const abortingShare = 0.5;
const manners = ["in the request", "before the answer", "in the answer", "never"] as const;

export const aborting: StressScenario = {
  name: "aborting",
  title: "half of the clients go away in the request, before the answer or in it",
  missing: ({ excused }) => (excused > 10 ? undefined : "hardly a client went away"),
  config: plainConfig,
  load: async (context) => {
    const leavers = Math.max(1, Math.round(context.clients * abortingShare));
    const staying = { ...context, clients: Math.max(1, context.clients - leavers) };
    await Promise.all([
      autocannonLoad(staying, mixed),
      ...Array.from({ length: leavers }, (_, index) => leaver(context, index)),
    ]);
  },
};

async function leaver(context: LoadContext, index: number): Promise<void> {
  const deadline = performance.now() + context.durationMs;
  for (let n = index; performance.now() < deadline; n += 1) {
    const socket = await openConnection(context.port);
    const call = n % 3 === 0 ? search(n % 10, 0, 100) : bulk(n % 500, 30, 1000);
    await slowExchange(context, socket, call, {
      writeBytes: 0,
      pauseMs: 0,
      leaves: manners[n % manners.length] ?? "never",
    });
    socket.destroy();
  }
}
