import { autocannonLoad } from "../harness/autocannon-load.ts";
import { bulk, mixed, search } from "../harness/calls.ts";
import { type LoadContext, plainConfig, type StressScenario } from "../harness/scenario.ts";
import { openConnection, slowExchange } from "../harness/slow-client.ts";

/** Share of the clients that are slow. */
const slowShare = 0.5;

export const slow: StressScenario = {
  name: "slow",
  title: "half of the clients write and read a little at a time, the others are in a hurry",
  config: plainConfig,
  load: async (context) => {
    const slowClients = Math.max(1, Math.round(context.clients * slowShare));
    const fast = { ...context, clients: Math.max(1, context.clients - slowClients) };
    await Promise.all([
      autocannonLoad(fast, mixed),
      ...Array.from({ length: slowClients }, (_, index) => slowClient(context, index)),
    ]);
  },
};

async function slowClient(context: LoadContext, index: number): Promise<void> {
  const deadline = performance.now() + context.durationMs;
  const socket = await openConnection(context.port);
  const manners = {
    writeBytes: 700 + index * 13,
    pauseMs: 10 + (index % 10),
    leaves: "never",
  } as const;
  for (let n = index; performance.now() < deadline; n += 1) {
    const call = n % 2 === 0 ? bulk(n % 500, 20, 200) : search(n % 10, 0, 100);
    if (!(await slowExchange(context, socket, call, manners))) break;
  }
  socket.destroy();
}
