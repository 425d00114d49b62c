import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { resetSocket } from "../core/reset-socket.ts";

/**
 * Milliseconds that a peer has for ending its side after our end, so that our last bytes are not
 * lost in a reset (RFC 9112 §9.6 describes it for HTTP).
 */
export const lingerMs = 1000;

/**
 * Ends our direction behind what was sent. What still comes is read and is the caller's to drop:
 * bytes that nobody has read would turn the close into a reset (RFC 1122 §4.2.2.13).
 */
export function endAndDrain(socket: Socket, last?: Uint8Array): void {
  if (last === undefined) socket.end();
  else socket.end(last);
  socket.resume();
}

/**
 * Closes a socket whose peer has had its time. Bytes that are still waiting to be sent make it a
 * reset: an end would make what was sent look whole.
 */
export function closeNow(socket: Socket): void {
  if (socket.writableLength > 0) resetSocket(socket);
  else socket.destroy();
}

/**
 * Ends our direction. Where the other one has ended and nothing waits, closing says the same in one
 * step less; TLS has an end of its own (RFC 8446 §6.1).
 */
export function endDirection(socket: Socket, hasEnded: boolean): void {
  if (hasEnded && socket.writableLength === 0 && !(socket instanceof TLSSocket)) socket.destroy();
  else socket.end();
}
