/** The policy of an evidence archive: the keys that its proofs rest on. */
import type { VerifierKey } from "../../../tlog/verifier-key.ts";

/**
 * A policy file (c2sp.org/tlog-policy) that every proof of the archive satisfies.
 *
 * @param logs keys of the logs, each once
 * @param witnesses keys of those who have cosigned, each once
 * @param isCosigned every proof has a cosignature of one of them
 */
export function evidencePolicy(
  logs: readonly VerifierKey[],
  witnesses: readonly VerifierKey[],
  isCosigned: boolean,
): string {
  const names = witnesses.map((_, at) => `w${at + 1}`);
  const lines = [
    "# The keys that the proofs here rest on. Compare them with those that you were given before.",
    ...logs.map((key) => `log ${key.toString()}`),
    ...witnesses.map((key, at) => `witness ${names[at]} ${key.toString()}`),
  ];
  if (isCosigned && names.length > 0)
    lines.push(`group witnesses any ${names.join(" ")}`, "quorum witnesses");
  else lines.push("quorum none");
  return `${lines.join("\n")}\n`;
}
