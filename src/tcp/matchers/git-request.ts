import { latin1, type Match } from "./match.ts";

/** The first packet of the `git://` protocol. */
export interface GitRequest {
  readonly service: "git-upload-pack" | "git-receive-pack" | "git-upload-archive";
  /** With its leading slash, as sent: `/owner/name.git`. */
  readonly path: string;
  /** The host and port of the client's URL; `undefined` when the client did not send it. */
  readonly host: string | undefined;
  /** Further parameters, such as `version=2`. */
  readonly parameters: readonly string[];
  /** Bytes of the request. */
  readonly length: number;
}

/**
 * Reads a `git://` request: a packet line (gitprotocol-pack) with service, path, and fields that
 * end in NUL.
 */
export function gitRequest(data: Uint8Array): Match<GitRequest> {
  const digits = latin1(data, 0, 4);
  if (!/^[0-9a-f]{0,4}$/i.test(digits)) return null;
  const length = Number.parseInt(digits, 16);
  // gitprotocol-common: a packet line has at most 65520 bytes, its own length included.
  if (digits.length === 4 && (length < minimum || length > 65_520)) return null;
  const start = latin1(data, 4, 4 + longestService);
  if (!services.some((service) => service.startsWith(start) || start.startsWith(service)))
    return null;
  if (digits.length < 4 || data.length < length) return undefined;
  const text = latin1(data, 4, length);
  const space = text.indexOf(" ");
  const service = services.find((name) => name === text.slice(0, space + 1));
  const [path = "", host, ...rest] = text.slice(space + 1).split("\0");
  if (service === undefined || path === "") return null;
  return {
    service: serviceNames[service],
    path: path.replace(/\n$/, ""),
    host: host?.startsWith("host=") === true ? host.slice(5) : undefined,
    parameters: rest.filter((parameter) => parameter !== ""),
    length,
  };
}

const serviceNames = {
  "git-upload-pack ": "git-upload-pack",
  "git-receive-pack ": "git-receive-pack",
  "git-upload-archive ": "git-upload-archive",
} as const;
const services = ["git-upload-pack ", "git-receive-pack ", "git-upload-archive "] as const;
/** Bytes of `git-upload-archive` and its space, the longest of the services. */
const longestService = 19;
const minimum = 4 + 17;
