/** What the trail consists of, what is missing from it, and what happened to it. */
import type { CoverageAnswer } from "./api.ts";
import { CoverageShare } from "./coverage-share.tsx";
import { countText, sizeText, timeText } from "./format.ts";
import { ProblemNote, TrailNote } from "./problem-note.tsx";
import { useStream } from "./use-stream.ts";

export function CoverageView() {
  const { answer, error } = useStream<CoverageAnswer>("/api/coverage", 0);
  if (error !== undefined) return <ProblemNote error={error} />;
  if (answer === undefined)
    return (
      <p class="note" role="status">
        Reading…
      </p>
    );
  return (
    <div class="coverage">
      <TrailNote state={answer} />
      <CoverageShare />
      <h2>Gaps</h2>
      {answer.gaps.length === 0 ? (
        <p>{answer.isDone ? "None: the trail says of no record that it is missing." : "…"}</p>
      ) : (
        <ul>
          {answer.gaps.map(({ time, gap }) => (
            <li>
              {timeText(Date.parse(time ?? ""))} <code>{JSON.stringify(gap)}</code>
            </li>
          ))}
        </ul>
      )}
      <h2>Segments</h2>
      {answer.journals.map(({ name, segments }) => (
        <div class="scroll" tabIndex={0} role="region" aria-label={`Segments of ${name}`}>
          <table>
            <caption>
              {name}: {countText(segments.length)} segment{segments.length === 1 ? "" : "s"},{" "}
              {sizeText(segments.reduce((sum, { bytes }) => sum + bytes, 0))}
            </caption>
            <thead>
              <tr>
                <th scope="col">file</th>
                <th scope="col">first record</th>
                <th scope="col">until</th>
                <th scope="col" class="right">
                  size
                </th>
                <th scope="col">state</th>
              </tr>
            </thead>
            <tbody>
              {segments.map((segment) => (
                <tr>
                  <th scope="row">{segment.name}</th>
                  <td>{timeText(segment.firstMs)}</td>
                  <td>{segment.isSealed ? timeText(segment.endMs) : "now"}</td>
                  <td class="right">{sizeText(segment.bytes)}</td>
                  <td>
                    {segment.isSealed ? "sealed" : "written"}
                    {segment.isEncrypted
                      ? ", encrypted"
                      : segment.isCompressed
                        ? ", compressed"
                        : ""}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ))}
      {answer.locked.length > 0 && (
        <>
          <h2>Encrypted, and not read here</h2>
          <ul>
            {answer.locked.map(({ name, begunMs, endMs }) => (
              <li>
                <code>{name}</code>: {timeText(begunMs)} to {timeText(endMs)}
              </li>
            ))}
          </ul>
        </>
      )}
      {answer.events.length > 0 && (
        <>
          <h2>The trail about itself</h2>
          <ul>
            {answer.events.map(({ id, timeMs, action, outcome, words }) => (
              <li>
                <a class="link" href={`#view=coverage&id=${encodeURIComponent(id)}`}>
                  {timeText(timeMs)}
                </a>{" "}
                <b>{action}</b> {outcome !== "success" && <span class="bad">{outcome} </span>}
                {words}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
