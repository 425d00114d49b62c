import type { Buffer } from "node:buffer";
import { findField } from "./field-names.ts";
import { FieldLineCache, valueText } from "./field-line-cache.ts";
import type { HeadError } from "./head-error.ts";
import { MessageHead } from "./message-head.ts";
import { headStatus, state } from "./parser-states.ts";
import type { HeadLimits, HeadStatus } from "./parser-states.ts";
import { finishRequest, finishResponse, noteField } from "./message-framing.ts";
import { isOptions, isRefusedMethod, refuseUnderscoreTwin, trimEnd } from "./byte-compare.ts";
import { byte, byteClass } from "./character-classes.ts";
import { checkTarget, splitAbsoluteForm, targetForm } from "./request-target.ts";
import { StartLineCache } from "./start-line-cache.ts";

/** Bytes of the longest method: the longest registered one, UPDATEREDIRECTREF, has 17. */
const maxMethodBytes = 64;
const requestVersion = Uint8Array.from("HTTP/1.", (c) => c.charCodeAt(0));

/**
 * Reads one HTTP/1.1 head, strictly (RFC 9112 §2–§6): the first byte that cannot become valid fails
 * it, nothing is repaired, and the framing of the body is decided here, once, from the same bytes
 * that are forwarded.
 *
 * Pure and resumable: call {@link parse} with the buffer that holds the head from `base` on; when
 * it answers `more`, call it again with a longer (possibly moved) copy of the same bytes. No byte
 * is looked at twice, so the work is linear however the bytes arrive. All offsets in the result are
 * relative to `base` and valid until {@link reset}.
 */
export class HeadParser extends MessageHead {
  readonly limits: HeadLimits;
  /** Why `parse` answered `failed`. */
  error: HeadError | "" = "";

  #state: number = state.start;
  #at = 0;
  #mark = 0;
  #valueEnd = 0;
  #versionAt = 0;
  #answersHead = false;
  #emptyLines = 0;
  readonly #memory: FieldLineCache;
  readonly #startLines: StartLineCache;

  /** @param startLines that parsers with the same limits share */
  constructor(
    kind: "request" | "response",
    limits: HeadLimits,
    startLines: StartLineCache = new StartLineCache(),
  ) {
    super(kind === "response", limits);
    this.limits = limits;
    this.#memory = new FieldLineCache(limits.fields);
    this.#startLines = startLines;
    this.reset(false);
  }

  override get scanned(): number {
    return this.#at;
  }

  /**
   * Makes ready for the next head. `answersHead`: the response answers a HEAD request and has no
   * body (RFC 9112 §6.3).
   */
  reset(answersHead: boolean): void {
    this.clear();
    this.error = "";
    this.#state = this.isResponse ? state.version : state.start;
    this.#at = 0;
    this.#mark = 0;
    this.#versionAt = 0;
    this.#answersHead = answersHead;
    this.#emptyLines = 0;
    this.#memory.restart();
  }

  /**
   * Goes on reading at the first byte not yet seen, up to `end`.
   *
   * @param bytes holds the head from index `base`.
   * @returns `more` when `end` was reached inside the head; `done` with {@link headEnd}; `failed`
   *   with {@link error}.
   */
  parse(bytes: Buffer, base: number, end: number): HeadStatus {
    this.bytes = bytes;
    this.base = base;
    const limit = Math.min(end, base + this.limits.headBytes);
    let status: HeadStatus = headStatus.more;
    if (this.#at === 0) {
      if (!this.isResponse) this.#at = this.#knownStartLine(bytes, base, limit);
      else if (this.#memory.isAtFirst) this.#at = this.#memory.recall(this, base, limit);
      if (this.#at < 0) return this.#fail(this.#memory.error);
      if (this.#at > 0) this.#state = state.fieldStart;
    }
    if (this.#state < state.fieldStart) status = this.#parseStartLine(bytes, base, limit);
    if (status === headStatus.more && this.#state >= state.fieldStart)
      status = this.#parseFields(bytes, base, limit);
    if (status !== headStatus.more || (limit === end && end - base < this.limits.headBytes))
      return status;
    return this.#fail(
      this.isResponse || this.targetEnd > 0 ? "ESP_ERR_HEAD_TOO_LARGE" : "ESP_ERR_TARGET_TOO_LONG",
    );
  }

  /** @returns the bytes of the start line; 0: it is to be read */
  #knownStartLine(bytes: Buffer, base: number, limit: number): number {
    const line = this.#startLines.find(bytes, base, limit);
    if (line === undefined) return 0;
    this.startLine = line;
    this.methodEnd = line.methodEnd;
    this.targetStart = line.methodEnd + 1;
    this.targetEnd = line.targetEnd;
    return line.length;
  }

  #parseStartLine(bytes: Uint8Array, base: number, limit: number): HeadStatus {
    let at = base + this.#at;
    let now = this.#state;
    let c = 0;
    while (at < limit && now < state.fieldStart) {
      switch (now) {
        case state.start:
          c = bytes[at] ?? 0;
          if (c === 0x0d && this.#emptyLines === 0) {
            this.#emptyLines = 1;
            now = state.emptyLineFeed;
            at += 1;
            break;
          }
          if (((byteClass[c] ?? 0) & byte.token) === 0) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          this.lineStart = at - base;
          now = state.method;
          break;
        case state.emptyLineFeed:
          if (bytes[at] !== 0x0a) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          at += 1;
          now = state.start;
          break;
        case state.method:
          while (at < limit && ((byteClass[(c = bytes[at] ?? 0)] ?? 0) & byte.token) !== 0) at += 1;
          if (at - base - this.lineStart > maxMethodBytes)
            return this.#fail("ESP_ERR_METHOD_TOO_LONG");
          if (at === limit) break;
          if (c !== 0x20 || at - base === this.lineStart) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          this.methodEnd = at - base;
          if (isRefusedMethod(bytes, base + this.lineStart, at))
            return this.#fail("ESP_ERR_HEAD_METHOD");
          at += 1;
          this.targetStart = at - base;
          now = state.target;
          break;
        case state.target: {
          while (at < limit && ((byteClass[(c = bytes[at] ?? 0)] ?? 0) & byte.target) !== 0)
            at += 1;
          if (at - base - this.lineStart + 9 > this.limits.startLineBytes)
            return this.#fail("ESP_ERR_TARGET_TOO_LONG");
          if (at === limit) break;
          if (c !== 0x20 || at - base === this.targetStart)
            return this.#fail("ESP_ERR_HEAD_TARGET");
          const error = this.#endTarget(bytes, base, at);
          if (error !== "") return this.#fail(error);
          at += 1;
          this.#versionAt = 0;
          now = state.version;
          break;
        }
        case state.version:
          while (at < limit && this.#versionAt < requestVersion.length) {
            if (bytes[at] !== requestVersion[this.#versionAt])
              return this.#fail(
                this.#versionAt >= 5 ? "ESP_ERR_HEAD_VERSION" : "ESP_ERR_HEAD_SYNTAX",
              );
            at += 1;
            this.#versionAt += 1;
          }
          if (this.#versionAt === requestVersion.length) now = state.minor;
          break;
        case state.minor:
          c = bytes[at] ?? 0;
          if (c !== 0x30 && c !== 0x31) return this.#fail("ESP_ERR_HEAD_VERSION");
          this.minorVersion = c - 0x30;
          at += 1;
          now = this.isResponse ? state.statusSpace : state.startLineReturn;
          break;
        case state.startLineReturn:
          c = bytes[at] ?? 0;
          if (c !== 0x0d)
            return this.#fail(
              c === 0x20 || c === 0x0a ? "ESP_ERR_HEAD_SYNTAX" : "ESP_ERR_HEAD_VERSION",
            );
          at += 1;
          now = state.startLineFeed;
          break;
        case state.startLineFeed:
          if (bytes[at] !== 0x0a) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          at += 1;
          now = state.fieldStart;
          break;
        case state.statusSpace:
          if (bytes[at] !== 0x20) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          at += 1;
          this.#mark = at - base;
          now = state.statusCode;
          break;
        case state.statusCode:
          c = bytes[at] ?? 0;
          if (c < 0x30 || c > 0x39) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          this.status = this.status * 10 + c - 0x30;
          at += 1;
          if (at - base - this.#mark < 3) break;
          if (this.status < 100 || this.status > 599) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          now = state.reasonSpace;
          break;
        case state.reasonSpace:
          if (bytes[at] !== 0x20) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          at += 1;
          now = state.reason;
          break;
        case state.reason:
          while (at < limit && ((byteClass[(c = bytes[at] ?? 0)] ?? 0) & byte.value) !== 0) at += 1;
          if (at === limit) break;
          if (c !== 0x0d) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          at += 1;
          now = state.startLineFeed;
          break;
        default:
          return this.#fail("ESP_ERR_HEAD_SYNTAX");
      }
    }
    this.#state = now;
    this.#at = at - base;
    return headStatus.more;
  }

  /**
   * The field lines, each in five steps; a head that ends inside one goes on there. The order of
   * the steps makes the usual line one straight run.
   */
  #parseFields(bytes: Uint8Array, base: number, limit: number): HeadStatus {
    let at = base + this.#at;
    let now = this.#state;
    let c = 0;
    for (;;) {
      if (now === state.fieldStart) {
        if (this.fieldCount === this.#memory.tryAt) {
          const length = this.#memory.recall(this, at, limit);
          if (length < 0) return this.#fail(this.#memory.error);
          at += length;
        }
        if (at === limit) break;
        c = bytes[at] ?? 0;
        if (c === 0x0d) {
          now = state.endFeed;
          at += 1;
        } else {
          if (((byteClass[c] ?? 0) & byte.token) === 0) return this.#fail("ESP_ERR_HEAD_SYNTAX");
          if (this.fieldCount === this.limits.fields) return this.#fail("ESP_ERR_HEAD_TOO_LARGE");
          if (this.fieldCount === this.fieldIds.length) this.makeRoom(this.fieldCount + 1);
          this.#mark = at - base;
          now = state.name;
        }
      }
      if (now === state.name) {
        while (at < limit && ((byteClass[(c = bytes[at] ?? 0)] ?? 0) & byte.token) !== 0) at += 1;
        if (at === limit) break;
        if (c !== 0x3a) return this.#fail("ESP_ERR_HEAD_SYNTAX");
        const error = this.#endName(bytes, base, at);
        if (error !== "") return this.#fail(error);
        at += 1;
        now = state.beforeValue;
      }
      if (now === state.beforeValue) {
        while (at < limit && ((c = bytes[at] ?? 0) === 0x20 || c === 0x09)) at += 1;
        if (at === limit) break;
        this.#mark = at - base;
        now = state.value;
      }
      if (now === state.value) {
        // field-vchar and SP by one comparison, then obs-text and HTAB: most bytes of a head are
        // here.
        while (at < limit && (((c = bytes[at] ?? 0) - 0x20) >>> 0 < 0x5f || c > 0x7f || c === 0x09))
          at += 1;
        if (at === limit) break;
        if (c !== 0x0d) return this.#fail("ESP_ERR_HEAD_SYNTAX");
        this.#valueEnd = trimEnd(bytes, base + this.#mark, at) - base;
        at += 1;
        now = state.valueFeed;
      }
      if (at === limit) break;
      if (bytes[at] !== 0x0a) return this.#fail("ESP_ERR_HEAD_SYNTAX");
      at += 1;
      if (now === state.endFeed) {
        this.#at = at - base;
        return this.#finish(at);
      }
      const error = this.#endField(at - 2);
      if (error !== "") return this.#fail(error);
      now = state.fieldStart;
    }
    this.#state = now;
    this.#at = at - base;
    return headStatus.more;
  }

  #finish(at: number): HeadStatus {
    this.headEnd = at - this.base;
    const error = this.isResponse ? finishResponse(this, this.#answersHead) : finishRequest(this);
    if (error !== "") return this.#fail(error);
    this.#state = state.over;
    this.#memory.learn(this);
    if (!this.isResponse) this.startLine ??= this.#startLines.learn(this);
    return headStatus.done;
  }

  #endName(bytes: Uint8Array, base: number, at: number): HeadError | "" {
    const nameStart = this.#mark;
    const id = findField(bytes, base + nameStart, at);
    const index = this.fieldCount;
    this.fieldIds[index] = id;
    this.fieldOffsets[index * 4] = nameStart;
    this.fieldOffsets[index * 4 + 1] = at - base;
    return id !== 0 || this.isResponse ? "" : refuseUnderscoreTwin(bytes, base + nameStart, at);
  }

  #endField(lineEnd: number): HeadError | "" {
    const index = this.fieldCount;
    this.fieldOffsets[index * 4 + 2] = this.#mark;
    this.fieldOffsets[index * 4 + 3] = this.#valueEnd;
    return noteField(this, lineEnd);
  }

  #endTarget(bytes: Uint8Array, base: number, at: number): HeadError | "" {
    this.targetEnd = at - base;
    const first = bytes[base + this.targetStart];
    if (first === 0x2f) return checkTarget(bytes, base + this.targetStart, at);
    if (first === 0x2a && this.targetEnd - this.targetStart === 1)
      return isOptions(bytes, base + this.lineStart, base + this.methodEnd)
        ? ""
        : "ESP_ERR_HEAD_TARGET";
    const form = splitAbsoluteForm(bytes, base + this.targetStart, at);
    if (form === undefined) return "ESP_ERR_HEAD_TARGET";
    this.authorityStart = form[targetForm.authorityStart] - base;
    this.authorityEnd = form[targetForm.authorityEnd] - base;
    this.targetStart = this.authorityEnd;
    return checkTarget(bytes, base + this.targetStart, at);
  }

  override release(): void {
    super.release();
    if (this.giveRoomBack()) this.#memory.forgetLines();
  }

  override valueOf(line: number): string {
    return this.#memory.valueOf(line, this) ?? valueText(line, this);
  }

  #fail(error: HeadError | ""): HeadStatus {
    this.error = error;
    this.#state = state.over;
    return headStatus.failed;
  }
}
