import type { Log, LogFields } from "../core/log.ts";
import { toOneLine } from "../config/diagnostic.ts";

/** From the most to the least talkative; a level shows itself and all that follow. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** True for a name in {@link logLevels}. */
export function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}

/**
 * Where lines go: a terminal gets short ones for people, anything else gets one JSON object a line.
 */
export interface LogTarget {
  /** File descriptor; 2 is stderr. */
  readonly fd: number;
  readonly isTerminal: boolean;
  /** One line with its line feed; used for terminals only. */
  write(line: string): void;
}

/** What a process usually logs to. */
export const stderrTarget: LogTarget = {
  fd: 2,
  get isTerminal() {
    return process.stderr.isTTY;
  },
  write: (line) => void process.stderr.write(line),
};

/**
 * The operational log of the process, through pino, or in short lines on a terminal.
 *
 * Every line is written before the call returns, so that none is lost when the process ends.
 *
 * @param level least severe level that is shown
 */
export async function createLog(level: LogLevel, target: LogTarget = stderrTarget): Promise<Log> {
  return target.isTerminal ? terminalLog(level, target) : jsonLog(level, target);
}

async function jsonLog(level: LogLevel, target: LogTarget): Promise<Log> {
  const { pino } = await import("pino");
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log: Log = pino(options, pino.destination({ fd: target.fd, sync: true }));
  return log;
}

function terminalLog(level: LogLevel, target: LogTarget): Log {
  const shown = logLevels.slice(logLevels.indexOf(level));
  const at = (own: LogLevel) => (fields: LogFields, message: string) => {
    if (shown.includes(own)) target.write(terminalLine(own, fields, message, new Date()));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/**
 * `12:00:00 warn  message key=value`; control characters are escaped, so that no value can drive
 * the terminal.
 */
export function terminalLine(
  level: LogLevel,
  fields: LogFields,
  message: string,
  time: Date,
): string {
  const values = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const needsQuotes = typeof value === "string" && /[\s"=]/.test(value);
      return ` ${key}=${needsQuotes ? JSON.stringify(value) : value}`;
    });
  const clock = time.toTimeString().slice(0, 8);
  return `${toOneLine(`${clock} ${level.padEnd(5)} ${message}${values.join("")}`)}\n`;
}
