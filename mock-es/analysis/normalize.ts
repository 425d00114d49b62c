/** Normalizers: analyzers that make one term of a whole text. */
import type { Analyzer } from "./token.ts";

/** The one term that a normalizer makes of a text. */
export function normalized(normalizer: Analyzer, text: string): string {
  return normalizer.analyze(text)[0]?.term ?? "";
}
