import { existsSync } from "node:fs";

import { ProxyError } from "../core/errors.ts";
import type { Assembler } from "./assemble.ts";
import type { Sections } from "./cross-checks.ts";
import type { SchemaIssue } from "./zod-messages.ts";

/**
 * Loads the router files of TCP listeners, which runs them: what a router is only shows then. The
 * listeners take over what was loaded here. Files that cannot be read have been reported.
 */
export async function checkRouters(
  { listeners }: Sections,
  assembler: Assembler,
): Promise<SchemaIssue[]> {
  const files = new Map<string, number>();
  for (const { index, section } of listeners) {
    const file = section.protocol === "tcp" ? assembler.file(section.router) : undefined;
    if (file !== undefined && !files.has(file) && existsSync(file)) files.set(file, index);
  }
  if (files.size === 0) return [];
  // Configurations without TCP listeners need nothing of the TCP router.
  const { RouterModule } = await import("../tcp/router-module.ts");
  const findings: SchemaIssue[] = [];
  for (const [file, index] of files)
    try {
      await RouterModule.prepare(file);
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
      const message = error.message.split("\n", 1)[0] ?? "";
      findings.push({ path: ["listeners", index, "router"], at: "value", message });
    }
  return findings;
}
