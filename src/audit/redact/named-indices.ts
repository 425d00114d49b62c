/** Names of indices of credentials in bodies: as members `_index`, and in queries. */
import { Buffer } from "node:buffer";
import { ByteSearch, wantedBytes } from "./byte-search.ts";
import { beginsWithSecretIndex } from "./secret-indices.ts";
import { byteSet } from "./text-bytes.ts";

const member = Buffer.from("_index");
const backing = Buffer.from(".ds-.");
const dot = 0x2e;
const colon = 0x3a;
const backslash = 0x5c;
const letterU = 0x75;
/** So many bytes stand between a member and its value: quotes, a colon, blanks, a length. */
const mostBetween = 8;
/** The longest value with the name of a remote cluster, in bytes. */
const longestValue = 255;
const betweenText = byteSet("\"':= \t\r\n\\");
const endsValue = byteSet("\"'\\ \t\r\n,}]&");
const nameBytes = byteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
const dots = new ByteSearch(wantedBytes("."));
const shortEscapes = byteSet("bfnrt");

/**
 * Index of the first member `_index` in `bytes` whose value names one; -1: there is none.
 *
 * @param isBinary before the value stands its length
 */
export function firstSecretMember(bytes: Buffer, isBinary: boolean): number {
  let at = bytes.indexOf(member);
  while (at >= 0) {
    const from = at + member.length;
    if (isBinary ? binaryNames(bytes, from) : textNames(bytes, from)) return at;
    at = bytes.indexOf(member, from);
  }
  return -1;
}

function textNames(bytes: Buffer, from: number): boolean {
  const most = Math.min(bytes.length, from + mostBetween);
  let name = from;
  while (name < most && betweenText[bytes[name] ?? 0] === 1) name += 1;
  if (bytes[name] === dot) return namesOne(bytes, name);
  // Behind the name of a remote cluster.
  const last = Math.min(bytes.length, name + longestValue);
  for (let at = name; at < last && endsValue[bytes[at] ?? 0] === 0; at += 1)
    if (bytes[at] === colon && bytes[at + 1] === dot) return namesOne(bytes, at + 1);
  return false;
}

/** Whether a name with a leading dot is that of one, or of an index of its data stream. */
function namesOne(bytes: Buffer, at: number): boolean {
  if (beginsWithSecretIndex(bytes, at, bytes.length)) return true;
  const isBacking = backing.compare(bytes, at, Math.min(bytes.length, at + backing.length)) === 0;
  return isBacking && beginsWithSecretIndex(bytes, at + backing.length - 1, bytes.length);
}

function binaryNames(bytes: Buffer, from: number): boolean {
  const most = Math.min(bytes.length, from + mostBetween);
  for (let at = from; at < most; at += 1) if (bytes[at] === dot && namesOne(bytes, at)) return true;
  return false;
}

/**
 * Index of the first name of one in a query, whose name begins behind no letter; -1: none.
 *
 * @param isStart nothing stands before the bytes
 */
export function firstSecretName(bytes: Buffer, isBinary: boolean, isStart: boolean): number {
  const { length } = bytes;
  dots.reset();
  let at = dots.next(bytes, 0, length);
  while (at < length) {
    if (beginsWithSecretIndex(bytes, at, length) && (isBinary || beginsName(bytes, at, isStart)))
      return at;
    at = dots.next(bytes, at + 1, length);
  }
  return -1;
}

/** Whether nothing of a name, but perhaps an escape of JSON, stands before `at`. */
function beginsName(bytes: Buffer, at: number, isStart: boolean): boolean {
  const before = bytes[at - 1] ?? 0;
  if (at === 0) return isStart;
  if (nameBytes[before] === 0) return true;
  if (bytes[at - 2] === backslash) return shortEscapes[before] === 1;
  return bytes[at - 6] === backslash && bytes[at - 5] === letterU;
}
