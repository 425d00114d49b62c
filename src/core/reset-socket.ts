import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/**
 * Breaks a connection off so that the peer sees it: with a reset, where there is such a thing.
 *
 * For TLS it is an end without `close_notify`, which says the same (RFC 8446 §6.1); a unix socket
 * has an end only. Node.js throws for both (`ERR_INVALID_HANDLE_TYPE`). While an end is on its way
 * behind bytes that have all been sent, libuv refuses a reset and the descriptor would stay open
 * (`uv_tcp_close_reset`): the socket is closed behind that end.
 */
export function resetSocket(socket: Socket): void {
  const isEnding = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
  const isTcp = !(socket instanceof TLSSocket) && socket.remoteAddress !== undefined;
  if (isTcp && !isEnding) socket.resetAndDestroy();
  else socket.destroy();
}
