/** Base64 as the server's decoder reads it. */

/** What Java's decoder says of a text that is no Base64; `undefined` for one that is. */
export function base64Problem(text: string): string | undefined {
  const end = text.search(/[^A-Za-z0-9+/]/);
  const digits = end === -1 ? text.length : end;
  const rest = text.slice(digits);
  const left = digits % 4;
  if (rest !== "" && !rest.startsWith("="))
    return `Illegal base64 character ${rest.charCodeAt(0).toString(16)}`;
  if (rest !== "" && (left < 2 || (left === 2 && !rest.startsWith("=="))))
    return "Input byte array has wrong 4-byte ending unit";
  if (left === 1) return "Last unit does not have enough valid bits";
  const padding = left === 2 ? 2 : 1;
  return rest.length > padding
    ? `Input byte array has incorrect ending byte at ${digits + padding}`
    : undefined;
}
