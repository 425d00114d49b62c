/** Where the lexer is within the PROMQL command of ES|QL. */
import type { TextCursor } from "./text-cursor.ts";

/**
 * Tells parameters (`index=a,b step=5m`) from the query behind them: a parameter has an `=` that is
 * no `==` or `=~`, and its value is no bracket (`value=(sum(x))` names the column of the result).
 */
export class PromqlPart {
  #state: "start" | "assign" | "value" | "after_value" | "query" = "start";

  reset(): void {
    this.#state = "start";
  }

  /** What stands at the cursor: a parameter's name, part of its value, a mark, or the query. */
  next(cursor: TextCursor): "name" | "value" | "mark" | "query" {
    if (this.#state === "after_value") {
      if (cursor.looksAt(listMark)) {
        this.#state = "value";
        return "mark";
      }
      this.#state = "start";
    }
    switch (this.#state) {
      case "start":
        this.#state = isParameterAhead(cursor) ? "assign" : "query";
        return this.#state === "assign" ? "name" : "query";
      case "assign":
        this.#state = "value";
        return "mark";
      case "value":
        this.#state = cursor.text[cursor.at] === "(" ? "query" : "after_value";
        return this.#state === "query" ? "query" : "value";
      case "query":
        return "query";
    }
  }
}

function isParameterAhead(cursor: TextCursor): boolean {
  const start = cursor.at;
  let isParameter = false;
  if (cursor.take(parameterName) !== undefined) {
    cursor.skipBlank();
    isParameter = cursor.looksAt(assign);
  }
  cursor.at = start;
  return isParameter;
}

const parameterName = /[A-Za-z_@][A-Za-z0-9_]*|`[^`]*`|"[^"\r\n]*"|\?[A-Za-z0-9_]+/y;
const assign = /=(?![=~])/y;
const listMark = /::|[:,]/y;
