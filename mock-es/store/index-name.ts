import { EsError, illegalArgument } from "../es-error.ts";

/** `invalid_index_name_exception` for a name and the rule that it breaks. */
export function invalidIndexName(name: string, rule: string): EsError {
  return new EsError(400, "invalid_index_name_exception", `Invalid index name [${name}], ${rule}`, {
    index_uuid: "_na_",
    index: name,
  });
}

/**
 * Checks the name of an index that is to be created.
 *
 * @throws {EsError} 400 `invalid_index_name_exception`
 */
export function checkIndexName(name: string): void {
  const rule = brokenRule(name);
  if (rule !== undefined) throw invalidIndexName(name, rule);
}

/**
 * Checks the name of a data stream: the rules of an index name, in other words.
 *
 * @throws {EsError} 400
 */
export function checkStreamName(name: string): void {
  const prefix = [".ds-", ".fs-"].find((each) => name.startsWith(each));
  const rule =
    brokenRule(name) ?? (prefix === undefined ? undefined : `must not start with '${prefix}'`);
  if (rule !== undefined) throw illegalArgument(`data_stream [${name}] ${rule}`);
}

/**
 * Checks the name of an alias: the rules of an index name, except that capitals are allowed.
 *
 * @throws {EsError} 400 `invalid_alias_name_exception`
 */
export function checkAliasName(name: string): void {
  const rule = brokenRule(name.toLowerCase());
  if (rule === undefined) return;
  throw new EsError(
    400,
    "invalid_alias_name_exception",
    `Invalid alias name [${name}]: ${rule}`,
    {},
  );
}

function brokenRule(name: string): string | undefined {
  if (name === "") return "must not be empty";
  if (/[ "*,/<>?\\|]/.test(name)) {
    return String.raw`must not contain the following characters [' ','"','*',',','/','<','>','?','\','|']`;
  }
  if (name.includes("#")) return "must not contain '#'";
  if (name.includes(":")) return "must not contain ':'";
  if (/^[-+_]/.test(name)) return "must not start with '_', '-', or '+'";
  const bytes = Buffer.byteLength(name);
  if (bytes > 255) return `index name is too long, (${bytes} > 255)`;
  if (name === "." || name === "..") return "must not be '.' or '..'";
  if (name !== name.toLowerCase()) return "must be lowercase";
  return undefined;
}
