/** Writes what makes a call a part of a read of several calls. */
import type { ReadCursor, ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { jsonAscii } from "../format/json-text.ts";

/** The members that follow from the bodies, in JSON without brackets. */
export interface ReadMembers {
  readonly role: ReadPage["role"];
  readonly indices?: readonly string[];
  readonly continues?: true;
  /** Kinds and digests of cursors, in turn. */
  readonly asked?: readonly string[];
  readonly given?: readonly string[];
}

/** {@link ReadMembers} as JSON, without brackets around it. */
export function readText(page: ReadPage): string {
  let text = `"role":"${page.role}"`;
  if (page.indices.length > 0) text += `,"indices":${jsonAscii(page.indices)}`;
  if (page.continues) text += ',"continues":true';
  if (page.requestCursors.length > 0) text += `,"asked":${jsonAscii(flat(page.requestCursors))}`;
  if (page.responseCursors.length > 0) text += `,"given":${jsonAscii(flat(page.responseCursors))}`;
  return text;
}

/** The same when it is read again. */
export function readOf(
  members: ReadMembers,
): Pick<ReadPage, "role" | "indices" | "continues" | "requestCursors" | "responseCursors"> {
  return {
    role: members.role,
    indices: members.indices ?? [],
    continues: members.continues === true,
    requestCursors: cursors(members.asked),
    responseCursors: cursors(members.given),
  };
}

function flat(list: readonly ReadCursor[]): string[] {
  return list.flatMap(({ kind, digest }) => [kind, digest]);
}

function cursors(list: readonly string[] = []): ReadCursor[] {
  return list.flatMap((kind, at) => (at % 2 === 0 ? [{ kind, digest: list[at + 1] ?? "" }] : []));
}
