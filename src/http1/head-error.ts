import type { HttpErrorCode } from "../core/http-errors.ts";

/** The codes that reading a head can fail with. */
export type HeadError = Extract<
  HttpErrorCode,
  | "ESP_ERR_HEAD_SYNTAX"
  | "ESP_ERR_HEAD_FRAMING"
  | "ESP_ERR_HEAD_HOST"
  | "ESP_ERR_HEAD_TARGET"
  | "ESP_ERR_HEAD_VERSION"
  | "ESP_ERR_HEAD_CODING"
  | "ESP_ERR_HEAD_METHOD"
  | "ESP_ERR_METHOD_TOO_LONG"
  | "ESP_ERR_TARGET_TOO_LONG"
  | "ESP_ERR_HEAD_TOO_LARGE"
  | "ESP_ERR_EXPECTATION"
  | "ESP_ERR_BODY_TOO_LARGE"
>;
