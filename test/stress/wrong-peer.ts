/**
 * A proxy that does one thing wrong, to show that the benchmark notices. Arguments: mode, origin
 * port, right body.
 *
 * Each read of the client's connection is taken for one whole request without a body, which is all
 * that the test sends.
 */
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";

/** What the peer does wrong; `nothing` relays correctly. */
export type WrongPeerMode =
  | "nothing"
  | "answers with another status"
  | "answers with other bytes"
  | "answers with a shorter body"
  | "answers by itself"
  | "sends a request twice"
  | "closes a connection";

const [mode = "nothing", originPort = "0", body = ""] = process.argv.slice(2);
const requestsBeforeClosing = 30;
let requests = 0;

const server = createServer((client) => {
  const origin = connect(Number(originPort), "127.0.0.1");
  client.on("error", () => client.destroy());
  origin.on("error", () => client.destroy());
  client.on("close", () => origin.destroy());
  client.on("data", (request: Buffer) => onRequest(client, origin, request));
  if (mode === "nothing" || mode === "closes a connection")
    origin.on("data", (answer: Buffer) => client.write(answer));
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object")
    console.error(`listening on 127.0.0.1:${address.port}`);
});
process.on("disconnect", () => process.exit(0));

function onRequest(client: Socket, origin: Socket, request: Buffer): void {
  requests += 1;
  if (mode !== "answers by itself") origin.write(request);
  if (mode === "closes a connection" && requests > requestsBeforeClosing) client.destroy();
  switch (mode) {
    case "answers with another status":
      client.write(answerOf("503 Service Unavailable", body));
      break;
    case "answers with other bytes":
      client.write(answerOf("200 OK", body.replace("took", "look")));
      break;
    case "answers with a shorter body":
      client.write(answerOf("200 OK", body.slice(1)));
      break;
    case "sends a request twice":
      origin.write(request);
      client.write(answerOf("200 OK", body));
      break;
    case "answers by itself":
      client.write(answerOf("200 OK", body));
      break;
  }
}

function answerOf(status: string, text: string): string {
  return `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
