/** AND and OR. */
import type { Typed } from "../plan/analysis.ts";
import { constantValue, ofCells } from "../plan/typed.ts";
import { type Cell, isList } from "../values/value.ts";
import type { Call } from "./definition.ts";

/** `a AND b`, `a OR b`; `undefined` after a failure. */
export function logic(call: Call, left: Typed, right: Typed): Typed | undefined {
  for (const [at, part] of [left, right].entries()) {
    if (part.type === "boolean" || part.type === "null") continue;
    const name = part.attribute?.name ?? part.text;
    return call.analysis.fail(
      call,
      `${at === 0 ? "first" : "second"} argument of [${call.text}] must be [boolean], found value [${name}] type [${part.type}]`,
    );
  }
  const decisive = call.name === "or";
  const only = simplified(left, right, !decisive);
  if (only !== undefined) return ofCells(call, "boolean", [only], (row) => only.evaluate(row));
  const isDecided = [left, right].some(
    (part) => part.isConstant && constantValue(part) === decisive,
  );
  if (isDecided) return ofCells(call, "boolean", [], () => decisive);
  const verdict = (a: Cell, b: Cell): Cell => {
    if (isList(a) || isList(b)) return null;
    if (a === decisive || b === decisive) return decisive;
    return a === null || b === null ? null : !decisive;
  };
  const typed = ofCells(call, "boolean", [left, right], (row) =>
    verdict(left.evaluate(row), right.evaluate(row)),
  );
  const { pushed: first } = left;
  const { pushed: second } = right;
  const conjuncts = decisive ? undefined : [left, right];
  if (first === undefined || second === undefined) return { ...typed, conjuncts };
  return {
    ...typed,
    conjuncts,
    pushed: {
      fits: (row) =>
        decisive ? first.fits(row) || second.fits(row) : first.fits(row) && second.fits(row),
      evaluate: (row, isNegated) =>
        verdict(first.evaluate(row, isNegated), second.evaluate(row, isNegated)),
    },
  };
}

/** The operand that the server leaves of two: it may have several values. */
function simplified(left: Typed, right: Typed, neutral: boolean): Typed | undefined {
  if (left.isConstant && constantValue(left) === neutral) return right;
  if (right.isConstant && constantValue(right) === neutral) return left;
  return left.attribute !== undefined && left.attribute === right.attribute ? left : undefined;
}
