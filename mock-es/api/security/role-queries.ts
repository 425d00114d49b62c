/** Queries of roles, which are checked when a role is made. */
import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import { isObject } from "../../json/json-value.ts";
import { compileQuery } from "../../search/queries/query.ts";
import type { RoleDescriptor } from "../../security/role-descriptor.ts";

/**
 * Reads the queries of a role.
 *
 * @throws {EsError} 400 for one that is none, or that a role cannot have
 */
export function checkQueries({ indices }: RoleDescriptor): void {
  for (const [at, { names, query }] of indices.entries()) {
    if (query === undefined) continue;
    try {
      checkQuery(query);
    } catch (error) {
      if (error instanceof EsError && error.reason.endsWith("by mock-es")) throw error;
      const where = `for indices [${names.join(",")}] at index privilege [${at}] of role descriptor`;
      const cause =
        error instanceof EsError
          ? error.toCause()
          : { type: "parse_exception", reason: String(error) };
      const reason = `failed to parse field 'query' ${where}`;
      throw new EsError(400, "parse_exception", reason, { caused_by: cause });
    }
  }
}

function checkQuery(text: string): void {
  const query: unknown = JSON.parse(text);
  if (isObject(query) && "template" in query) throw notSupported("a template as query of a role");
  checkParts(query);
  compileQuery(query, { find: () => undefined });
}

/** What a role may not ask: it would read other documents. */
function checkParts(query: unknown): void {
  if (Array.isArray(query)) for (const part of query as readonly unknown[]) checkParts(part);
  if (!isObject(query)) return;
  const { terms } = query;
  const isLookup = isObject(terms) && Object.values(terms).some((value) => isObject(value));
  if (isLookup)
    throw illegalArgument("terms query with terms lookup isn't supported as part of a role query");
  for (const part of Object.values(query)) checkParts(part);
}
