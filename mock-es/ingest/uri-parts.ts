/** The processor `uri_parts`: what a URI is made of (RFC 3986, as Java reads it). */
import { illegalArgument } from "../es-error.ts";
import type { Maker } from "./processor-settings.ts";

const shape =
  /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/(?:([^/?#@]*)@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/is;

/** `uri_parts`. */
export const uriParts: Maker = (settings) => {
  const field = settings.text("field");
  const target = settings.textOr("target_field", "url");
  const keepsOriginal = settings.flag("keep_original", true);
  const removes = settings.flag("remove_if_successful");
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    const text = document.requireText(field);
    const parts = partsOf(text);
    if (keepsOriginal) parts.set("original", text);
    if (removes && target !== field) document.remove(field);
    document.set(target, parts);
  };
};

function partsOf(text: string): Map<unknown, unknown> {
  const found = /[\s<>"{}|\\^`]/.test(text) ? null : shape.exec(text);
  if (found === null) throw illegalArgument(`unable to parse URI [${text}]`);
  const [, scheme, user, host, port, path = "", query, fragment] = found;
  const parts = new Map<unknown, unknown>();
  if (host !== undefined && host !== "") parts.set("domain", host);
  if (fragment !== undefined) parts.set("fragment", decoded(fragment));
  parts.set("path", decoded(path));
  const segment = path.slice(path.lastIndexOf("/") + 1);
  const dot = path.includes("/") ? segment.lastIndexOf(".") : -1;
  if (dot !== -1) parts.set("extension", decoded(segment.slice(dot + 1)));
  if (port !== undefined && port !== "") parts.set("port", Number(port));
  if (query !== undefined) parts.set("query", decoded(query));
  if (scheme !== undefined) parts.set("scheme", scheme);
  if (user !== undefined && user !== "") {
    const info = decoded(user);
    parts.set("user_info", info);
    const colon = info.indexOf(":");
    if (colon !== -1) {
      parts.set("username", info.slice(0, colon));
      parts.set("password", info.slice(colon + 1));
    }
  }
  return parts;
}

function decoded(text: string): string {
  return text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, (escaped) =>
    Buffer.from(escaped.replaceAll("%", ""), "hex").toString("utf8"),
  );
}
