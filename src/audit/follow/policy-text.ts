/** The policy that a directory carries: which keys its logs and their witnesses have. */
import { signatureTypes } from "../../tlog/signature-type.ts";
import { VerifierKey } from "../../tlog/verifier-key.ts";
import type { WitnessOptions } from "./follower-messages.ts";

const remark = [
  "# The keys that this directory claims for its logs, and the witnesses that are asked.",
  "# Whoever can write here could have changed them: compare them with what you were given.",
];

/**
 * A policy file (c2sp.org/tlog-policy). One cosignature of any witness is enough for it, as one is
 * enough to show that the log was not rewritten.
 *
 * @param logs keys of all logs of the directory
 */
export function policyText(
  logs: readonly VerifierKey[],
  witnesses: readonly WitnessOptions[],
): string {
  const named = witnesses.flatMap(({ url, vkeys }, at) =>
    cosigners(vkeys).map((key, order) => ({
      name: `w${at + 1}${order === 0 ? "" : `-${order + 1}`}`,
      key,
      url: new URL(url).href,
    })),
  );
  const lines = [
    ...remark,
    ...logs.map((key) => `log ${key.toString()}`),
    ...named.map(({ name, key, url }) => `witness ${name} ${key.toString()} ${url}`),
    ...(named.length === 0
      ? ["quorum none"]
      : [`group witnesses any ${named.map(({ name }) => name).join(" ")}`, "quorum witnesses"]),
  ];
  return `${lines.join("\n")}\n`;
}

/** Policies know witnesses by keys for cosignatures only. */
function cosigners(vkeys: readonly string[]): VerifierKey[] {
  const keys = vkeys.map((vkey) => VerifierKey.parse(vkey));
  return keys.filter(({ type }) => signatureTypes[type].isTimestamped);
}
