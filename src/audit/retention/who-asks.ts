/** Who gives a command, for the record of it. */
import { hostname, userInfo } from "node:os";

import type { TrailEvent } from "../record/trail-event.ts";

/** What a record holds of a command line. Characters. */
const maxArguments = 4096;

/**
 * User, host and command line. Nobody vouches for them but the system that the command runs on.
 *
 * @param args as they stand behind the name of the program
 */
export function whoAsks(args: readonly string[]): TrailEvent["fields"] {
  const { username, uid } = userInfo();
  const sudo = process.env["SUDO_USER"];
  return {
    user: username,
    uid,
    ...(sudo === undefined ? {} : { sudo_user: sudo }),
    host: hostname(),
    arguments: args.join(" ").slice(0, maxArguments),
  };
}
