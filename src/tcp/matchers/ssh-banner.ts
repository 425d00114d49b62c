import { latin1, startsWith, type Match } from "./match.ts";

/** The line with which an SSH client introduces itself. */
export interface SshBanner {
  /** `2.0`, or `1.99` for a side that also speaks version 1. */
  readonly protocol: string;
  /** Software and its version: `OpenSSH_9.2p1`. */
  readonly software: string;
  /** What stands behind the software, such as the system; `undefined` when nothing does. */
  readonly comment: string | undefined;
  /** Bytes of the line, its end included. */
  readonly length: number;
}

/**
 * Reads the identification string `SSH-protoversion-softwareversion SP comments CR LF` (RFC 4253
 * §4.2); a bare LF ends it too.
 */
export function sshBanner(data: Uint8Array): Match<SshBanner> {
  const prefix = startsWith(data, "SSH-");
  if (prefix !== true) return prefix;
  const end = data.indexOf(0x0a);
  // The line has at most 255 bytes with its end.
  if (end < 0 ? data.length >= 255 : end >= 255) return null;
  const line = latin1(data, 0, end < 0 ? data.length : end).replace(/\r$/, "");
  if (!/^[\x20-\x7e]*$/.test(line)) return null;
  if (end < 0) return undefined;
  const [, protocol, software, comment] = /^SSH-([0-9.]+)-([^ -][^ ]*)(?: (.*))?$/.exec(line) ?? [];
  return protocol === undefined || software === undefined
    ? null
    : { protocol, software, comment, length: end + 1 };
}
