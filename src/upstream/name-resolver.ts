/** Resolves the names of a pool's endpoints again from time to time and remembers the answers. */
import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { LookupFunction } from "node:net";
import type { Clock } from "../core/clock.ts";
import type { DeadlineOwner, DeadlineSweep } from "../core/deadline-sweep.ts";
import type { Log } from "../core/log.ts";
import type { Services } from "../core/services.ts";
import { errorCode } from "../core/system-error.ts";

export interface ResolvedAddress {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

/** All addresses of a name, in the order of preference. @throws {Error} when it has none. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

interface Answer {
  readonly addresses: readonly ResolvedAddress[];
  /** Counts dials, so that each starts with another address. */
  turn: number;
}

/**
 * Remembers what the names of a pool's endpoints resolve to and asks again from time to time, so
 * that dials need no look-up and a changed answer is noticed. A name that cannot be resolved any
 * more keeps its last answer.
 */
export class NameResolver implements DeadlineOwner {
  deadlineMs: number;
  sweepIndex = -1;
  readonly #hosts: readonly string[];
  readonly #refreshMs: number;
  readonly #clock: Clock;
  readonly #sweep: DeadlineSweep;
  readonly #log: Log;
  readonly #resolve: Resolve;
  readonly #onAnswer: (host: string, addresses: ReadonlySet<string>) => void;
  readonly #answers = new Map<string, Answer>();
  readonly #failing = new Set<string>();
  #isClosed = false;

  /**
   * @param hosts host names; IP addresses among them are left out.
   * @param onAnswer called after each look-up whose answer differs from the one before.
   */
  constructor(
    hosts: readonly string[],
    refreshMs: number,
    { clock, sweep, log }: Omit<Services, "reads">,
    onAnswer: (host: string, addresses: ReadonlySet<string>) => void,
    resolve: Resolve = async (host) => systemLookup(host, { all: true }),
  ) {
    this.#hosts = [...new Set(hosts)].filter((host) => host !== "" && isIP(host) === 0);
    this.#refreshMs = refreshMs;
    this.#clock = clock;
    this.#sweep = sweep;
    this.#log = log;
    this.#onAnswer = onAnswer;
    this.#resolve = resolve;
    this.deadlineMs = clock.now() + refreshMs;
    if (this.#hosts.length > 0) sweep.add(this);
  }

  /** For `net.connect`: from memory where the name is known. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    const answer = this.#answers.get(host);
    if (answer !== undefined) {
      process.nextTick(reply, answer, options, callback);
      return;
    }
    void this.#answer(host, options, callback);
  };

  expire(): void {
    this.deadlineMs = this.#clock.now() + this.#refreshMs;
    for (const host of this.#hosts) void this.#refresh(host);
  }

  close(): void {
    this.#isClosed = true;
    this.#sweep.delete(this);
  }

  async #answer(
    host: string,
    options: Parameters<LookupFunction>[1],
    callback: Parameters<LookupFunction>[2],
  ): Promise<void> {
    let answer: Answer;
    try {
      answer = await this.#ask(host);
    } catch (error) {
      callback(error as NodeJS.ErrnoException, "", 0);
      return;
    }
    reply(answer, options, callback);
  }

  async #refresh(host: string): Promise<void> {
    try {
      await this.#ask(host);
      if (this.#failing.delete(host))
        this.#log.info({ host }, "the name of an endpoint is resolved again");
    } catch (error) {
      const code = errorCode(error);
      if (!this.#failing.has(host))
        this.#log.warn(
          { host, code },
          "the name of an endpoint cannot be resolved; its last addresses stay in use",
        );
      this.#failing.add(host);
    }
  }

  async #ask(host: string): Promise<Answer> {
    const addresses = await this.#resolve(host);
    const before = this.#answers.get(host);
    const answer = { addresses, turn: before?.turn ?? 0 };
    if (this.#isClosed || addresses.length === 0) return answer;
    this.#answers.set(host, answer);
    if (before === undefined || !hasSame(before.addresses, addresses))
      this.#onAnswer(host, new Set(addresses.map(({ address }) => address)));
    return answer;
  }
}

function reply(
  answer: Answer,
  options: Parameters<LookupFunction>[1],
  callback: Parameters<LookupFunction>[2],
): void {
  const family =
    options.family === "IPv4" ? 4 : options.family === "IPv6" ? 6 : (options.family ?? 0);
  const usable = answer.addresses.filter((one) => family === 0 || one.family === family);
  const first = usable.length === 0 ? 0 : answer.turn % usable.length;
  answer.turn += 1;
  const inTurn = [...usable.slice(first), ...usable.slice(0, first)];
  const [one] = inTurn;
  if (one === undefined)
    callback(Object.assign(new Error("no address"), { code: "ENOTFOUND" }), "", 0);
  else if (options.all === true)
    callback(
      null,
      inTurn.map(({ address, family: kind }) => ({ address, family: kind })),
    );
  else callback(null, one.address, one.family);
}

function hasSame(one: readonly ResolvedAddress[], other: readonly ResolvedAddress[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ address }) => other.some((second) => second.address === address))
  );
}
