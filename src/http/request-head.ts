/**
 * Writes the request as it goes to the endpoint: the received bytes, edited only where a rule
 * demands it.
 */
import { Buffer } from "node:buffer";
import { fieldId } from "../http1/field-names.ts";
import { cutInPlace, isVerbatim, noEdits, writeHead } from "../http1/head-editor.ts";
import type { HeadEdits } from "../http1/head-editor.ts";
import type { MessageHead } from "../http1/message-head.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import type { ForwardedFields } from "./forwarded-fields.ts";
import { forwardsLeft } from "./max-forwards.ts";
import type { Route } from "./router.ts";
import type { Endpoint } from "../upstream/endpoint.ts";

const dropHost = tableOf(fieldId.host);
const dropExpect = tableOf(fieldId.expect);
const dropMaxForwards = tableOf(fieldId["max-forwards"]);
/**
 * Bytes. In front of a body of this size the edited head is written over the received one: copying
 * the body would cost more than copying the head twice.
 */
const largeBody = 16_384;

/** What of a route changes a request's head. */
export interface HeadRoute extends Pick<Route, "hostHeader" | "upgrade"> {
  readonly pool: { readonly endpoints: readonly Pick<Endpoint, "address">[] };
}

/**
 * The request as it goes upstream: its head, edited only where a rule demands it, and what is there
 * of its body. The result is the received bytes themselves when nothing has to change or lines are
 * only left out, and a head that became no longer is written over the received one in front of a
 * large body: what `head` says of its bytes is not valid afterwards.
 */
export function outgoingRequest(
  head: MessageHead,
  piece: BodyPiece,
  route: HeadRoute,
  upgrade: string,
  forwarded: ForwardedFields | undefined,
  via: string | undefined,
): Buffer {
  const { bytes, start: bodyStart, consumed } = piece;
  const edits = editsFor(head, route, upgrade, forwarded, via);
  const isInOnePiece = head.bytes === bytes && piece.isPlain;
  if (edits === noEdits && isInOnePiece) {
    const from = isVerbatim(head) ? head.base : cutInPlace(head);
    if (from !== -1) return bytes.subarray(from, consumed);
  }
  const headRoom = head.headEnd + edits.add.length + 64;
  if (isInOnePiece && consumed - bodyStart >= largeBody) {
    const edited = Buffer.allocUnsafe(headRoom);
    const length = writeHead(head, bodyStart, edits, edited, 0);
    if (length <= head.headEnd) {
      edited.copy(bytes, bodyStart - length, 0, length);
      return bytes.subarray(bodyStart - length, consumed);
    }
  }
  const out = Buffer.allocUnsafe(headRoom + piece.room);
  if (isInOnePiece) return out.subarray(0, writeHead(head, consumed, edits, out, 0));
  const bodyAt = writeHead(head, head.base + head.headEnd, edits, out, 0);
  return out.subarray(0, piece.copyTo(out, bodyAt));
}

/**
 * The protocols that the request asks to switch to and the route allows, in lower case; "" for none
 * (RFC 9110 §7.8).
 */
export function wantedUpgrade(head: MessageHead, method: string, route: HeadRoute): string {
  if (
    !head.hasUpgradeOption ||
    route.upgrade.length === 0 ||
    head.minorVersion !== 1 ||
    method !== "GET" ||
    head.body !== 0
  )
    return "";
  const wanted = head.fieldValue(fieldId.upgrade)?.toLowerCase() ?? "";
  const names = wanted.split(",").map((name) => name.trim());
  return names.every((name) => route.upgrade.includes(name)) ? wanted : "";
}

function editsFor(
  head: MessageHead,
  route: HeadRoute,
  upgrade: string,
  forwarded: ForwardedFields | undefined,
  via: string | undefined,
): HeadEdits {
  let add = upgrade === "" ? "" : "connection: upgrade\r\n";
  let drop: Uint8Array | undefined;
  if (route.hostHeader !== undefined) {
    add += `host: ${route.hostHeader}\r\n`;
    drop = dropHost;
  } else if (head.firstLine[fieldId.host] === -1)
    add += `host: ${head.host ?? route.pool.endpoints[0]?.address.authority ?? "localhost"}\r\n`;
  // HTTP/1.0 knows no expectations (RFC 9110 §10.1.1).
  if (head.minorVersion === 0 && head.firstLine[fieldId.expect] !== -1)
    drop = united(drop, dropExpect);
  if (forwarded !== undefined) {
    add += forwarded.lines(head);
    drop = united(drop, forwarded.drop);
  }
  const left = forwardsLeft(head);
  if (left !== undefined) {
    add += `max-forwards: ${left - 1}\r\n`;
    drop = united(drop, dropMaxForwards);
  }
  if (via !== undefined) add += `via: 1.${head.minorVersion} ${via}\r\n`;
  return add === "" && drop === undefined
    ? noEdits
    : { add, drop, keepUpgrade: upgrade !== "", dropFraming: false };
}

function united(one: Uint8Array | undefined, other: Uint8Array): Uint8Array {
  return one === undefined ? other : other.map((bit, id) => bit | (one[id] ?? 0));
}

function tableOf(...ids: number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const id of ids) table[id] = 1;
  return table;
}
