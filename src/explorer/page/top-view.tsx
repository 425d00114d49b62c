/** Users, sources, indices, actions by what they cost. */
import type { ViewProps } from "./address.ts";
import type { RankingAnswer } from "./api.ts";
import { countText, millisecondsText, narrowed, quoted, showUnseen, sizeText } from "./format.ts";
import { ProblemNote, TrailNote } from "./problem-note.tsx";
import { useStream } from "./use-stream.ts";

const fields = [
  "user",
  "source",
  "index",
  "action",
  "fingerprint",
  "status",
  "agent",
  "endpoint",
  "read",
];
const orders: readonly (readonly [string, string])[] = [
  ["count", "count"],
  ["failed", "failed"],
  ["out", "bytes"],
  ["docs", "documents"],
  ["time", "time in all"],
  ["p99", "p99"],
  ["max", "slowest"],
];

export function TopView({ address, navigate, query, round }: ViewProps) {
  const { by } = address;
  const sort = address.sort === "" ? "count" : address.sort;
  const parameters = new URLSearchParams(query);
  parameters.set("by", by);
  parameters.set("sort", sort);
  const { answer, error } = useStream<RankingAnswer>(`/api/ranking?${parameters}`, round);
  return (
    <div class="top">
      <div class="bar">
        <label>
          by{" "}
          <select value={by} onChange={(event) => navigate({ by: event.currentTarget.value })}>
            {(fields.includes(by) ? fields : [...fields, by]).map((name) => (
              <option value={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          the most{" "}
          <select value={sort} onChange={(event) => navigate({ sort: event.currentTarget.value })}>
            {orders.map(([name, title]) => (
              <option value={name}>{title}</option>
            ))}
          </select>
        </label>
      </div>
      {error !== undefined && <ProblemNote error={error} q={address.q} />}
      {answer !== undefined && <TrailNote state={answer} />}
      {answer?.groups.length === 0 && answer.isDone && <p class="note">Nothing matches.</p>}
      {answer !== undefined && answer.groups.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Ranking">
          <table>
            <thead>
              <tr>
                <th scope="col">{by}</th>
                {["count", "failed", "bytes", "docs", "p50", "p95", "p99", "slowest"].map(
                  (name) => (
                    <th scope="col" class="right">
                      {name}
                    </th>
                  ),
                )}
                <th scope="col">example</th>
              </tr>
            </thead>
            <tbody>
              {answer.groups.map((group) => (
                <tr>
                  <th scope="row">
                    {group.value === null || group.value === "" ? (
                      (group.value ?? "(others)") || "–"
                    ) : (
                      <button
                        type="button"
                        class="link"
                        onClick={() =>
                          navigate({
                            view: "search",
                            q: narrowed(address.q, `${by}: ${quoted(group.value ?? "")}`),
                          })
                        }
                      >
                        {showUnseen(group.value)}
                      </button>
                    )}
                  </th>
                  <td class="right">{countText(group.count)}</td>
                  <td class={`right${group.failures > 0 ? " bad" : ""}`}>
                    {group.failures === 0 ? "" : countText(group.failures)}
                  </td>
                  <td class="right">{sizeText(group.bytesOut)}</td>
                  <td class="right">{group.documents === 0 ? "" : countText(group.documents)}</td>
                  <td class="right">{millisecondsText(group.p50)}</td>
                  <td class="right">{millisecondsText(group.p95)}</td>
                  <td class="right">{millisecondsText(group.p99)}</td>
                  <td class="right">{millisecondsText(group.max)}</td>
                  <td>
                    {group.example !== "" && (
                      <button
                        type="button"
                        class="link"
                        onClick={() => navigate({ id: group.example })}
                      >
                        {group.example.slice(-8)}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
