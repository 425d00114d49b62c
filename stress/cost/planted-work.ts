/**
 * Loaded into the proxy by the control of `make check-cost`: each write to a socket does some work
 * that nobody needs, about as much as a careless change adds.
 */
import { Socket } from "node:net";

const { write } = Socket.prototype as { readonly write: (...args: unknown[]) => boolean };
const wasted = { id: 0, name: "x".repeat(16) };

Socket.prototype.write = function slowWrite(this: Socket, ...args: unknown[]): boolean {
  wasted.id = JSON.stringify(wasted).length;
  return Reflect.apply(write, this, args);
};
