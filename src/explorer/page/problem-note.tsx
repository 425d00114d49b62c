/** Why there is nothing, and what to do. */
import { useState } from "preact/hooks";

import { setToken, type ApiError, type TrailState } from "./api.ts";
import { countText, sizeText } from "./format.ts";

export function ProblemNote({ error, q }: { readonly error: ApiError; readonly q?: string }) {
  const [token, setText] = useState("");
  if (error.status === 401)
    return (
      <form
        class="note"
        onSubmit={(event) => {
          event.preventDefault();
          setToken(token.trim());
          location.reload();
        }}
      >
        <label>
          This explorer asks for its token{" "}
          <input
            type="password"
            autocomplete="off"
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Open</button>
      </form>
    );
  if (error.status === 204)
    return (
      <p class="note">
        Nothing has been recorded yet. Send a request through the proxy, for example{" "}
        <code>curl http://127.0.0.1:9200/</code>
      </p>
    );
  const { span } = error;
  return (
    <div class="note error" role="alert">
      <p>{error.message}</p>
      {span !== undefined && q !== undefined && (
        <pre>
          {q.slice(0, span.start)}
          <mark>{q.slice(span.start, span.end) || " "}</mark>
          {q.slice(span.end)}
        </pre>
      )}
      {error.suggestion !== undefined && <p>{error.suggestion}</p>}
    </div>
  );
}

/** How far the reading is, and what is wrong with the trail. */
export function TrailNote({ state }: { readonly state: TrailState }) {
  const [done, total] = state.progress;
  const isOne = state.encrypted === 1;
  return (
    <>
      {!state.isDone && (
        <p class="note" role="status">
          Reading {sizeText(done)} of {sizeText(total)}…{" "}
          <progress value={done} max={Math.max(total, 1)} />
        </p>
      )}
      {state.isDone && state.gaps.length > 0 && (
        <p class="note warning" role="status">
          Records are missing: {countText(state.gaps.length)} gap
          {state.gaps.length === 1 ? "" : "s"}. See Coverage.
        </p>
      )}
      {state.isDone && state.encrypted > 0 && (
        <p class="note warning" role="status">
          {countText(state.encrypted)} segment{isOne ? " is" : "s are"} encrypted for keys that were
          not given, so this is without {isOne ? "it" : "them"}:{" "}
          <code>es-proxy explore --identity FILE</code>, or <code>explorer.identity_file</code>.
        </p>
      )}
      {state.isDone && state.problems.length > 0 && (
        <details class="note warning">
          <summary>
            {countText(state.problems.length)} part{state.problems.length === 1 ? "" : "s"} of the
            trail could not be read or searched
          </summary>
          <ul>
            {state.problems.map(({ segment, message }) => (
              <li>
                {segment}: {message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
