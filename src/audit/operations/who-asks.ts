/** Who gives a command, for the record of it. */
import { hostname, userInfo } from "node:os";

import type { Asker } from "../record/trail-event.ts";
import { shownText } from "../redact/shown-text.ts";

/** Of a command line with thousands of ids the beginning is recorded. */
const maxArguments = 64;
/** Of each argument. UTF-16 code units. */
const maxLength = 2048;
/** Options whose value is a secret, whatever it looks like. */
const secretOption = /^--?[\w-]*(?:password|passwd|secret|token|api-?key|credential)s?$/i;
/** Options whose value is the name of a file. */
const fileOption = /-file$/i;
const hidden = "***";

/**
 * User, host and command line, as the operating system reports them; nothing else proves them.
 *
 * @param args as they stand behind the name of the program
 */
export function whoAsks(args: readonly string[], environment = process.env): Asker {
  const { username, uid } = userInfo();
  // Only root can have been made root by sudo; for anybody else the variable is hearsay.
  const caller = uid === 0 ? environment["SUDO_USER"] : undefined;
  return {
    user: caller === undefined || caller === "" ? username : caller,
    host: hostname(),
    args: withoutSecrets(args),
  };
}

/** A command line as it may be recorded. */
export function withoutSecrets(args: readonly string[]): readonly string[] {
  const shown: string[] = [];
  let isSecret = false;
  for (const arg of args.slice(0, maxArguments)) {
    const [option = "", ...value] = arg.split("=");
    const hides = secretOption.test(option) && !fileOption.test(option);
    if (isSecret && !arg.startsWith("-")) shown.push(hidden);
    else if (hides && value.length > 0) shown.push(`${option}=${hidden}`);
    else shown.push(shortened(shownText(arg)));
    isSecret = hides && value.length === 0;
  }
  const left = args.length - maxArguments;
  return left > 0 ? [...shown, `… and ${left} more`] : shown;
}

function shortened(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}
