/** `pinned`: documents that stand above all others that a query finds. */
import { illegalArgument } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { boostOf, type Compile, type CompiledQuery, NO_MATCH } from "./compiled-query.ts";
import { checkKnown } from "../known-members.ts";

const members = ["ids", "docs", "organic", "boost", "_name"];

/** Documents that are pinned at most. */
const maxPinned = 100;

/** The bits of the highest score of what is not pinned, 2^127. */
const organicBits = 0xfe << 23;

const view = new DataView(new ArrayBuffer(4));

function floatOf(bits: number): number {
  view.setInt32(0, bits);
  return view.getFloat32(0);
}

/** `pinned`. */
export function parsePinned(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  checkKnown("pinned", body, members);
  const { ids, docs, organic } = body;
  if (organic === undefined) throw illegalArgument("Required [organic]");
  if (ids !== undefined && docs !== undefined)
    throw illegalArgument("The following fields are not allowed together: [ids, docs] ");
  const list = ids ?? docs;
  if (!Array.isArray(list))
    throw illegalArgument("Required one of fields [ids, docs], but none were specified. ");
  if (list.length > maxPinned)
    throw illegalArgument(`[pinned] Max of ${maxPinned} ids exceeded: ${list.length} provided.`);
  boostOf("pinned", body);
  const ranks = new Map<string, number>();
  for (const [at, pinned] of (list as readonly unknown[]).entries()) {
    const { _id: id, _index: index } = isObject(pinned) ? pinned : { _id: pinned };
    if (id === undefined) throw illegalArgument("Required [_id]");
    if (index !== undefined && textOf(index) !== context.index) continue;
    const key = textOf(id);
    if (!ranks.has(key)) ranks.set(key, floatOf(organicBits + 1 + list.length - at));
  }
  const { score } = compile(organic, context);
  const most = floatOf(organicBits);
  return {
    score(document) {
      const pinned = ranks.get(document.id);
      if (pinned !== undefined) return pinned;
      const found = score(document);
      return found === NO_MATCH ? NO_MATCH : Math.min(found, most);
    },
    isConstant: false,
  };
}
