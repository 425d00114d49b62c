/** Tells the operator which clients were told the addresses of nodes, without flooding the log. */
import { shownText } from "../audit/redact/shown-text.ts";
import { DailyKeys } from "../core/daily-keys.ts";
import type { Log } from "../core/log.ts";

/** A client that got addresses of nodes, with which it can go past this proxy. */
export interface SniffNotice {
  readonly listener: string;
  /** Address of the client, as far as it is known from somebody who is believed. */
  readonly client: string;
  /** As the client names itself; empty: it does not. */
  readonly userAgent: string;
  /** One of the addresses; empty: the answer could not be read. */
  readonly address: string;
}

/** Of a `User-Agent` the beginning names the client; the rest would fill the log. Characters. */
const maxAgent = 200;

/**
 * Passes on the first notice of each client and listener on each day (UTC), of 10,000 at most.
 * Several processes of one service each have such a list; their supervisor has another one, so that
 * the log has one line all the same.
 */
export class SniffNotices {
  readonly #pass: (notice: SniffNotice) => void;
  readonly #known = new DailyKeys();

  constructor(pass: (notice: SniffNotice) => void) {
    this.#pass = pass;
  }

  /** @param wallMs milliseconds since the Unix epoch */
  note(notice: SniffNotice, wallMs: number): void {
    if (this.#known.isNew(`${notice.listener}\n${notice.client}`, wallMs))
      this.#pass({ ...notice, userAgent: shownText(notice.userAgent).slice(0, maxAgent) });
  }
}

/** Writes the warning of one client. */
export function logSniff(log: Log, { listener, client, userAgent, address }: SniffNotice): void {
  log.warn(
    { listener, client, user_agent: userAgent, address },
    "a client was told addresses of nodes that are not this proxy's: if it sniffs, it goes past " +
      "the audit from now on. Turn sniffing off in the client, or set `sniff` of the listener to " +
      "`rewrite` or `block`",
  );
}
