/** How much of what the nodes have served is on record, and who goes past the proxy. */
import type { CoverageCounts, CoverageStatus } from "./api.ts";
import { countText, durationText, timeText } from "./format.ts";
import { useStatus } from "./use-status.ts";

export function CoverageShare() {
  const { status } = useStatus();
  if (status === undefined || status.isAlone === true) return null;
  const { coverage } = status;
  return (
    <section aria-label="What is on record">
      <h2>
        On record{" "}
        {coverage !== undefined && <Share counts={coverage.total} state={coverage.state} />}
      </h2>
      {coverage === undefined ? (
        <p>
          Nobody has asked the nodes what else they have served: <code>audit.coverage</code> does.
        </p>
      ) : (
        <Measured coverage={coverage} />
      )}
    </section>
  );
}

interface ShareProps {
  readonly counts: CoverageCounts;
  readonly state: CoverageStatus["state"];
}

function Share({ counts: { percent }, state }: ShareProps) {
  if (percent === undefined) return <span class="warn">{state}</span>;
  return <span class={percent === 100 ? "good" : "bad"}>{percent} %</span>;
}

function Measured({ coverage }: { readonly coverage: CoverageStatus }) {
  const { state, problem, total, last, clients } = coverage;
  return (
    <>
      {state === "unavailable" && <p class="note warning">The last look failed: {problem}</p>}
      {coverage.identified_by === "address" && (
        <p class="note warning">
          Something between proxy and nodes translates addresses: others behind the same one are not
          seen.
        </p>
      )}
      <dl class="facts">
        <dt>all in all</dt>
        <dd>{countsText(total)}</dd>
        <dt>last look</dt>
        <dd>
          {coverage.measured_at === undefined
            ? "two looks are needed"
            : `${timeText(Date.parse(coverage.measured_at))}: ${countsText(last)}`}
        </dd>
        <dt>nodes</dt>
        <dd>
          {countText(coverage.nodes)}, asked every {durationText(coverage.every_seconds)}
        </dd>
      </dl>
      {clients.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Clients past the proxy">
          <table>
            <caption>Clients that go past the proxy</caption>
            <thead>
              <tr>
                <th scope="col">address</th>
                <th scope="col">agent</th>
                <th scope="col" class="right">
                  requests
                </th>
                <th scope="col">nodes</th>
                <th scope="col">last seen</th>
              </tr>
            </thead>
            <tbody>
              {clients.map((client) => (
                <tr>
                  <th scope="row">{client.address}</th>
                  <td>{client.agent}</td>
                  <td class="right bad">{countText(client.requests)}</td>
                  <td>{client.nodes.join(", ")}</td>
                  <td>{timeText(Date.parse(client.last_seen))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function countsText(counts: CoverageCounts): string {
  const { recorded, unrecorded, bypassed, exempt } = counts;
  const parts = [
    `${countText(recorded)} requests recorded`,
    ...(unrecorded > 0 ? [`${countText(unrecorded)} passed without a record`] : []),
    bypassed > 0 ? `${countText(bypassed)} past the proxy` : "none past the proxy",
    ...(exempt > 0 ? [`${countText(exempt)} exempt`] : []),
    ...(counts.lost_connections > 0
      ? [`${countText(counts.lost_connections)} connections that nobody knows more of`]
      : []),
  ];
  return parts.join(", ");
}
