/** The command line is wrong; ends with exit code 2 and a hint at the help of the command. */
export class UsageError extends Error {
  /** The command whose help the message points to; empty: the general help. */
  readonly command: string;

  constructor(command: string, message: string) {
    super(message);
    this.name = "UsageError";
    this.command = command;
  }
}
