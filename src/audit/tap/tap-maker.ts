import { createHmac } from "node:crypto";

import { matchApiEndpoint } from "../../elasticsearch/api/api-endpoint.ts";
import { BodyCapture, type CaptureMode, type CaptureSettings } from "./body-tap.ts";
import type { BodyFacts, ExchangeRecord } from "../record/exchange-record.ts";
import { hidesBodies } from "../redact/redaction.ts";

/**
 * Decides how each body is recorded: by the level of its route, the direction, its API endpoint and
 * its size.
 */
export class BodyRecorder {
  readonly #settings: CaptureSettings;
  readonly #hasResponseBodies: boolean;

  /**
   * @param hasResponseBodies false: the format has no place for response bodies, their size is
   *   counted only
   */
  constructor(settings: CaptureSettings, hasResponseBodies: boolean) {
    this.#settings = settings;
    this.#hasResponseBodies = hasResponseBodies;
  }

  /** Records a body while it passes. */
  capture(record: ExchangeRecord, direction: "request" | "response"): BodyCapture {
    const body = direction === "request" ? record.requestBody : record.responseBody;
    return new BodyCapture(
      this.#settings,
      body,
      this.#mode(record, direction),
      record.id,
      direction,
    );
  }

  /** Records a body that the relay gave as a whole; does nothing for any other. */
  take(record: ExchangeRecord, direction: "request" | "response"): void {
    const body = direction === "request" ? record.requestBody : record.responseBody;
    const { content } = body;
    if (content === undefined || body.state !== "none") return;
    body.bytes = content.length;
    body.complete = true;
    if (content.length === 0) return;
    const mode = this.#mode(record, direction);
    if (mode === "count") return;
    if (mode === "hide") this.#hide(body, content);
    else if (content.length <= this.#settings.inlineBytes) body.state = "inline";
    else {
      body.bytes = 0;
      const capture = new BodyCapture(this.#settings, body, mode, record.id, direction);
      capture.write(content, 0, content.length);
      capture.finish(true);
    }
  }

  #hide(body: BodyFacts, content: Buffer): void {
    body.state = "hidden";
    body.sha256 = createHmac("sha256", this.#settings.hmacKey)
      .update(content)
      .digest("hex")
      .slice(0, 32);
  }

  #mode(record: ExchangeRecord, direction: "request" | "response"): CaptureMode {
    if (record.route !== undefined && record.route.level !== "full") return "count";
    if (direction === "response" && !this.#hasResponseBodies) return "count";
    const match = (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
    return hidesBodies(match.endpoint) ? "hide" : "content";
  }
}
