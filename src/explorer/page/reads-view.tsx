/** Reads that took several calls: scrolls, points in time, pages, cursors. */
import { callsAddress, type ViewProps } from "./address.ts";
import type { ReadsAnswer } from "./api.ts";
import { countText, millisecondsText, showUnseen, sizeText, timeText } from "./format.ts";
import { ProblemNote, TrailNote } from "./problem-note.tsx";
import { useStream } from "./use-stream.ts";

const orders: readonly (readonly [string, string])[] = [
  ["documents", "documents"],
  ["distinct", "different documents"],
  ["calls", "calls"],
  ["bytes", "bytes"],
  ["time", "time"],
  ["began", "youngest"],
];
const usual = "documents";

export function ReadsView({ address, navigate, query, round }: ViewProps) {
  const sort = orders.some(([name]) => name === address.sort) ? address.sort : usual;
  const parameters = new URLSearchParams(query);
  parameters.delete("q");
  parameters.set("sort", sort);
  const { answer, error } = useStream<ReadsAnswer>(`/api/reads?${parameters}`, round);
  return (
    <div class="list">
      <div class="bar">
        <label>
          the most{" "}
          <select value={sort} onChange={(event) => navigate({ sort: event.currentTarget.value })}>
            {orders.map(([name, title]) => (
              <option value={name}>{title}</option>
            ))}
          </select>
        </label>
        {answer !== undefined && (
          <span role="status">
            {countText(answer.found)} read{answer.found === 1 ? "" : "s"} of several calls
            {answer.isDone ? "" : " so far…"}
          </span>
        )}
      </div>
      {error !== undefined && <ProblemNote error={error} />}
      {answer !== undefined && <TrailNote state={answer} />}
      {answer?.reads.length === 0 && answer.isDone && (
        <p class="note">
          None. A read appears here when scrolls, points in time, cursors or pages join its calls.
        </p>
      )}
      {answer !== undefined && answer.reads.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Reads">
          <table>
            <thead>
              <tr>
                {["began", "user", "kind", "index"].map((name) => (
                  <th scope="col">{name}</th>
                ))}
                {["calls", "documents", "different", "bytes", "time"].map((name) => (
                  <th scope="col" class="right">
                    {name}
                  </th>
                ))}
                <th scope="col">end</th>
              </tr>
            </thead>
            <tbody>
              {answer.reads.map((read) => (
                <tr>
                  <th scope="row">
                    <button
                      type="button"
                      class="link when"
                      onClick={() => navigate({ id: read.id })}
                    >
                      {timeText(read.beganMs)}
                    </button>
                  </th>
                  <td>{showUnseen(read.users.join(", "))}</td>
                  <td>{read.kind}</td>
                  <td>{showUnseen(read.indices.join(", "))}</td>
                  <td class="right">
                    <button
                      type="button"
                      class="link"
                      title="all calls of this read"
                      onClick={() => navigate(callsAddress(read.id))}
                    >
                      {countText(read.calls)}
                    </button>
                    {read.failed > 0 && <span class="bad"> ({countText(read.failed)} failed)</span>}
                  </td>
                  <td class="right">{countText(read.documents)}</td>
                  <td class="right">
                    {read.isExact ? "" : "~"}
                    {countText(read.distinct)}
                  </td>
                  <td class="right">{sizeText(read.bytes)}</td>
                  <td class="right">{millisecondsText(read.ms)}</td>
                  <td>{read.end ?? "may go on"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
