/** How the proxy does that serves this page. */
import type { ProxyStatus } from "./api.ts";
import { countText, durationText } from "./format.ts";
import { ProblemNote } from "./problem-note.tsx";
import { useStatus } from "./use-status.ts";

export function ProxyView() {
  const { status, error } = useStatus();
  if (error !== undefined) return <ProblemNote error={error} />;
  if (status === undefined)
    return (
      <p class="note" role="status">
        Asking the proxy…
      </p>
    );
  if (status.isAlone === true)
    return (
      <p class="note" role="status">
        This explorer reads a directory by itself. Served by the proxy (<code>explorer:</code> in
        its configuration), it shows here how pools, endpoints and the audit do.
      </p>
    );
  return <Status status={status} />;
}

function Status({ status }: { readonly status: ProxyStatus }) {
  const { health, reloads, workers } = status;
  return (
    <div class="list">
      <h2>
        <Tone state={health.status} />{" "}
        <small>
          es-proxy {status.version}, {status.state}
        </small>
      </h2>
      <dl class="facts">
        <dt>up for</dt>
        <dd>{durationText(status.uptime_seconds)}</dd>
        <dt>process</dt>
        <dd>
          {status.pid}, Node.js {status.node}
        </dd>
        {workers.length > 0 && (
          <>
            <dt>workers</dt>
            <dd>{workers.map(({ number, state }) => `${number} ${state}`).join(", ")}</dd>
          </>
        )}
        <dt>reloads</dt>
        <dd>
          {countText(reloads.ok)} fine, {countText(reloads.failed)} failed
        </dd>
      </dl>
      {reloads.last_problems.length > 0 && (
        <div class="note warning">
          <p>The last reload changed nothing:</p>
          <ul>
            {reloads.last_problems.map((problem) => (
              <li>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      {status.pools.map((pool) => (
        <Pool pool={pool} health={health.pools[pool.name] ?? "ok"} />
      ))}
      <Listeners status={status} />
      <Audit status={status} />
    </div>
  );
}

/** A state with its colour; the word says it, too. */
function Tone({ state }: { readonly state: string }) {
  const isGood = ["ok", "healthy", "ready", "running"].includes(state);
  const isBad = ["failing", "unhealthy"].includes(state);
  return <span class={isGood ? "good" : isBad ? "bad" : "warn"}>{state}</span>;
}

interface PoolProps {
  readonly pool: ProxyStatus["pools"][number];
  readonly health: string;
}

function Pool({ pool, health }: PoolProps) {
  return (
    <section aria-label={`Pool ${pool.name}`}>
      <h2>
        {pool.name} <Tone state={health} /> <small>pool, {countText(pool.pending)} waiting</small>
      </h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Endpoints of ${pool.name}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">endpoint</th>
              <th scope="col">state</th>
              {["active", "connections", "idle", "requests", "failures"].map((name) => (
                <th scope="col" class="right">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {pool.endpoints.map((endpoint) => (
              <tr>
                <th scope="row">{endpoint.url}</th>
                <td>
                  <Tone state={endpoint.state} />
                </td>
                <td class="right">{countText(endpoint.active)}</td>
                <td class="right">{countText(endpoint.connections)}</td>
                <td class="right">{countText(endpoint.idle)}</td>
                <td class="right">{countText(endpoint.requests)}</td>
                <td class={`right${endpoint.failures > 0 ? " bad" : ""}`}>
                  {countText(endpoint.failures)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Listeners({ status }: { readonly status: ProxyStatus }) {
  return (
    <>
      <h2>Listeners</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Listeners">
        <table>
          <thead>
            <tr>
              <th scope="col">name</th>
              <th scope="col">address</th>
              <th scope="col" class="right">
                connections
              </th>
              <th scope="col" class="right">
                idle
              </th>
            </tr>
          </thead>
          <tbody>
            {status.listeners.map(({ name, url, connections, idle }) => (
              <tr>
                <th scope="row">{name}</th>
                <td>{url}</td>
                <td class="right">{countText(connections)}</td>
                <td class="right">{countText(idle)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Audit({
  status: { audit, follower, shipping, health },
}: {
  readonly status: ProxyStatus;
}) {
  return (
    <>
      <h2>
        Audit <Tone state={health.audit} />
      </h2>
      {audit === undefined ? (
        <p class="note warning">Nothing is recorded.</p>
      ) : (
        <dl class="facts">
          <dt>records</dt>
          <dd>{countText(audit.records)} since the start</dd>
          <dt>open exchanges</dt>
          <dd>{countText(audit.open_exchanges)}</dd>
          <dt>gaps</dt>
          <dd class={audit.gaps + audit.dropped > 0 ? "bad" : ""}>
            {audit.gaps + audit.dropped === 0
              ? "none"
              : `${countText(audit.gaps)}, ${countText(audit.dropped)} records lost`}
          </dd>
          {audit.incidents > 0 && (
            <>
              <dt>appended by others</dt>
              <dd class="bad">
                {countText(audit.incidents)} time{audit.incidents === 1 ? "" : "s"}
              </dd>
            </>
          )}
          {audit.failing && (
            <>
              <dt>storing</dt>
              <dd class="bad">fails now: see the log of the proxy</dd>
            </>
          )}
          {follower !== undefined && <Follower follower={follower} />}
          {shipping?.map((target) => (
            <Shipping target={target} />
          ))}
        </dl>
      )}
    </>
  );
}

interface ShippingProps {
  readonly target: NonNullable<ProxyStatus["shipping"]>[number];
}

function Shipping({ target }: ShippingProps) {
  const { shipped, refused, failures } = target;
  const behind = durationText(target.seconds_behind);
  return (
    <>
      <dt>shipped</dt>
      <dd class={refused + failures > 0 ? "warn" : ""}>
        {countText(shipped)} documents to {target.target}, {behind} behind
        {refused > 0 && `, ${countText(refused)} refused`}
        {failures > 0 && `, ${countText(failures)} failures`}
      </dd>
    </>
  );
}

function Follower({ follower }: { readonly follower: NonNullable<ProxyStatus["follower"]> }) {
  const age = follower.checkpoint_age_seconds;
  const behind = durationText(follower.seconds_behind);
  return (
    <>
      <dt>follower</dt>
      <dd class={follower.running ? "" : "bad"}>
        {follower.running ? "" : "does not run; "}
        {countText(follower.records)} records followed,{" "}
        {follower.records_behind === 0
          ? "none behind"
          : `${countText(follower.records_behind)} behind (${behind})`}
      </dd>
      {follower.log_size > 0 && (
        <>
          <dt>log</dt>
          <dd>
            {countText(follower.log_size)} entries,{" "}
            {age === undefined ? "no checkpoint yet" : `newest checkpoint ${durationText(age)} ago`}
          </dd>
        </>
      )}
      {follower.facts > 0 && (
        <>
          <dt>facts</dt>
          <dd>of {countText(follower.facts)} exchanges since the start</dd>
        </>
      )}
      {follower.incidents + follower.broken_logs > 0 && (
        <>
          <dt>incidents</dt>
          <dd class="bad">
            {countText(follower.incidents)} changes behind the follower's back,{" "}
            {countText(follower.broken_logs)} logs not signed any more: run es-proxy audit verify
          </dd>
        </>
      )}
    </>
  );
}
