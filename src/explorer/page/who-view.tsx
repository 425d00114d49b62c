/** Who was sent a document, or wrote it. */
import { useEffect, useState } from "preact/hooks";

import type { ViewProps } from "./address.ts";
import type { WhoAnswer } from "./api.ts";
import { cellText, countText, showUnseen } from "./format.ts";
import { ProblemNote, TrailNote } from "./problem-note.tsx";
import { useStream } from "./use-stream.ts";

const meanings: Readonly<Record<string, string>> = {
  read: "it was in the answer",
  wrote: "it was written",
  tried: "writing it failed for some of the call's documents, or the answer is not known",
  asked: "it was asked for by its id; the answer was not kept",
};

export function WhoView({ address, navigate, query, round }: ViewProps) {
  const [index, setIndex] = useState(address.index);
  const [doc, setDoc] = useState(address.doc);
  useEffect(() => {
    setIndex(address.index);
    setDoc(address.doc);
  }, [address.index, address.doc]);
  const isAsked = address.index !== "" && address.doc !== "";
  return (
    <div class="list">
      <form
        class="bar"
        onSubmit={(event) => {
          event.preventDefault();
          navigate({ index, doc, id: undefined });
        }}
      >
        <label>
          index <input value={index} onInput={(event) => setIndex(event.currentTarget.value)} />
        </label>
        <label>
          _id <input value={doc} onInput={(event) => setDoc(event.currentTarget.value)} />
        </label>
        <button type="submit" class="primary" disabled={index.trim() === "" || doc === ""}>
          Who saw it?
        </button>
      </form>
      {isAsked ? (
        <Sightings address={address} navigate={navigate} query={query} round={round} />
      ) : (
        <p class="note">
          Everybody who was sent a document or wrote it: name its index (wildcards and lists work)
          and its <code>_id</code>. The ids in the bodies of an exchange lead here, too.
        </p>
      )}
    </div>
  );
}

function Sightings({ address, navigate, query, round }: ViewProps) {
  const parameters = new URLSearchParams(query);
  parameters.set("index", address.index);
  parameters.set("doc", address.doc);
  const { answer, error } = useStream<WhoAnswer>(`/api/who?${parameters}`, round);
  if (error !== undefined) return <ProblemNote error={error} q={address.q} />;
  if (answer === undefined)
    return (
      <p class="note" role="status">
        Searching…
      </p>
    );
  const at = (row: WhoAnswer["rows"][number]["row"], name: string): string =>
    cellText(name, row[answer.columns.indexOf(name)]);
  return (
    <>
      <TrailNote state={answer} />
      {answer.untold !== "" && (
        <p class="note warning" role="status">
          {answer.untold}.
        </p>
      )}
      {answer.isDone && answer.found === 0 && (
        <p class="note" role="status">
          Nobody, as far as the trail tells: no answer held <b>{address.doc}</b> of{" "}
          <b>{address.index}</b>, and nobody wrote it. An alias is not known: name what it stands
          for. What queries that delete or update touch, and what is behind aggregations, is named
          by no request and no answer.
        </p>
      )}
      {answer.rows.length > 0 && (
        <div class="scroll" tabIndex={0} role="region" aria-label="Who saw the document">
          <table>
            <caption>
              {countText(answer.found)} exchange{answer.found === 1 ? "" : "s"}
              {answer.found > answer.rows.length
                ? `, the youngest ${countText(answer.rows.length)} of them`
                : ""}
            </caption>
            <thead>
              <tr>
                {[
                  "time",
                  "user",
                  "source",
                  "what",
                  "index",
                  "watched fields",
                  "call",
                  "status",
                ].map((name) => (
                  <th scope="col">{name}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {answer.rows.map(({ row, uses, indices, fields }) => (
                <tr>
                  <th scope="row">
                    <button
                      type="button"
                      class="link when"
                      onClick={() => navigate({ id: at(row, "id") })}
                    >
                      {at(row, "time")}
                    </button>
                  </th>
                  <td>{at(row, "user")}</td>
                  <td>{at(row, "source")}</td>
                  <td>
                    {uses.map((use, place) => (
                      <span title={meanings[use]} class={use === "wrote" ? "warn" : ""}>
                        {place > 0 ? ", " : ""}
                        {use}
                      </span>
                    ))}
                  </td>
                  <td>
                    {indices
                      .map((name) => (name === "" ? "not said" : showUnseen(name)))
                      .join(", ")}
                  </td>
                  <td>{fields.length > 0 && <mark class="watched">{fields.join(", ")}</mark>}</td>
                  <td>{at(row, "action")}</td>
                  <td>{at(row, "status")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
