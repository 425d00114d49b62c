/** What the process ends with; scripts rely on these. */
export const exitCodes = {
  ok: 0,
  /** Something did not work: a port in use, a crash, a second signal. */
  failure: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The configuration, or a file that it names, is wrong (EX_CONFIG of sysexits.h). */
  configuration: 78,
} as const;
