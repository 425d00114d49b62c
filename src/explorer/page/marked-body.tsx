/** A body with its watched fields marked, and its ids to be asked about. */
import { useMemo } from "preact/hooks";

import { bodyMarks, type MarkContext } from "./body-marks.ts";
import { documentAddress, type Navigate } from "./address.ts";

interface MarkedBodyProps {
  readonly text: string;
  readonly context: MarkContext;
  readonly navigate: Navigate;
}

export function MarkedBody({ text, context, navigate }: MarkedBodyProps) {
  const marks = useMemo(() => bodyMarks(text, context), [text, context]);
  const parts = [];
  let at = 0;
  for (const { from, to, kind, name, index } of marks) {
    const shown = text.slice(from, to);
    parts.push(text.slice(at, from));
    at = to;
    if (kind === "watched")
      parts.push(
        <mark class="watched" title={`watched: ${name}`}>
          {shown}
        </mark>,
      );
    else if (index === undefined) parts.push(shown);
    else
      parts.push(
        <button
          type="button"
          class="link code"
          title={`who saw ${name} of ${index}?`}
          onClick={() => navigate(documentAddress(index, name))}
        >
          {shown}
        </button>,
      );
  }
  parts.push(text.slice(at));
  return <>{parts}</>;
}
