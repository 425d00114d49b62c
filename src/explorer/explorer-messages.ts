/** What the explorer's thread and its owner say to each other. */
import type { ErrorCode } from "../core/errors.ts";
import type { Log, LogFields } from "../core/log.ts";
import type { ListenAddress, ListenerTls } from "../net/socket-listener.ts";

/** What the thread is started with: plain data. */
export interface ExplorerThreadOptions {
  /** Of the trail. */
  readonly directory: string;
  readonly bind: ListenAddress;
  readonly tls: ListenerTls | undefined;
  readonly tokenFile: string | undefined;
  /** Private keys of age that open encrypted segments. */
  readonly identityFile: string | undefined;
}

/** To the thread. */
export type ExplorerCommand =
  /** Both files are read again. */
  | ({ readonly kind: "files" } & Pick<ExplorerThreadOptions, "tokenFile" | "identityFile">)
  /** The answer to `askStatus`. */
  | { readonly kind: "status"; readonly value: unknown }
  | { readonly kind: "stop" };

/** From the thread. */
export type ExplorerMessage =
  | { readonly kind: "listening"; readonly url: string }
  /** It cannot start, and ends. `code`: `undefined` for a failure of another kind. */
  | { readonly kind: "failed"; readonly code: ErrorCode | undefined; readonly reason: string }
  | {
      readonly kind: "log";
      readonly level: keyof Log;
      readonly fields: LogFields;
      readonly text: string;
    }
  | { readonly kind: "askStatus" };
