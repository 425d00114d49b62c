import type { z } from "zod";

import { Assembler, deepFreeze, poolTable } from "./assemble.ts";
import type { ProxyConfig } from "./config.ts";
import { crossCheck } from "./cross-checks.ts";
import type { Sections } from "./cross-checks.ts";
import { checkFiles } from "./file-checks.ts";
import { schemaIssuesOf, get } from "./zod-messages.ts";
import type { SchemaIssue } from "./zod-messages.ts";
import { name as nameSchema, shown } from "./scalar-schemas.ts";
import { httpListenerSchema, tcpListenerSchema } from "./listener-schema.ts";
import { poolSchema } from "./pool-schema.ts";
import { sortDiagnostics } from "./diagnostic.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { checkRouters } from "./router-checks.ts";
import { adminSchema, explorerSchema, fileSchema, generalSchema } from "./schema.ts";
import type { ListenerSection, PoolSection } from "./schema.ts";
import { auditSchema } from "./audit-schema.ts";
import { firstDiagnostics, readYamlFile } from "./yaml-file.ts";
import type { YamlFileOptions } from "./yaml-file.ts";

/** A configuration that may be run, or all the reasons why not, in the order of the file. */
export type LoadResult =
  | { readonly config: ProxyConfig; readonly warnings: readonly Diagnostic[] }
  | { readonly problems: readonly Diagnostic[] };

/**
 * Reads, checks and completes a configuration file. No port is bound and nothing is written; router
 * files of TCP listeners are run.
 *
 * All problems are found at once: each section is checked by itself, so that a mistake in one does
 * not hide those in others; what needs several sections is checked among those that are valid.
 *
 * @param file shown in problems as it is given here; relative names inside it start at its folder
 * @param file `-` for standard input
 * @param options `now`: milliseconds since the epoch, for the dates of certificates
 */
export async function loadConfig(
  file: string,
  options: YamlFileOptions & { readonly now?: number } = {},
): Promise<LoadResult> {
  const yaml = readYamlFile(file, Object.keys(fileSchema.shape), options);
  if ("problems" in yaml) return yaml;
  const { raw, places, syntax } = yaml;
  const checked = await new SectionReader(raw, new Assembler(file)).read(options.now ?? Date.now());
  const toProblem = ({ path, message, at }: SchemaIssue): Diagnostic =>
    places.problem(path, message, at);
  const problems = [...syntax, ...checked.errors.map(toProblem)];
  if (checked.config === undefined || problems.length > 0)
    return { problems: firstDiagnostics(file, problems) };
  return {
    config: deepFreeze(checked.config),
    warnings: sortDiagnostics(checked.warnings.map(toProblem)),
  };
}

/** Checks the sections of one file one by one and puts together what is valid. */
class SectionReader {
  readonly #raw: object;
  readonly #assembler: Assembler;
  readonly #errors: SchemaIssue[] = [];

  constructor(raw: object, assembler: Assembler) {
    this.#raw = raw;
    this.#assembler = assembler;
  }

  async read(
    now: number,
  ): Promise<{ config: ProxyConfig | undefined; errors: SchemaIssue[]; warnings: SchemaIssue[] }> {
    const general = this.#general();
    const listeners = this.#listeners();
    const pools = this.#pools();
    const audit = this.#section("audit", auditSchema);
    const admin = this.#section("admin", adminSchema);
    const explorer = this.#section("explorer", explorerSchema);
    const sections: Sections = { raw: this.#raw, listeners, pools, admin, explorer, audit };
    this.#errors.push(...crossCheck(sections));
    const files = checkFiles(sections, audit, this.#assembler, now);
    this.#errors.push(...files.errors, ...(await checkRouters(sections, this.#assembler)));
    const errors = this.#errors;
    if (general === undefined || errors.length > 0)
      return { config: undefined, errors, warnings: files.warnings };
    const table = poolTable(pools.map(({ name, section }) => this.#assembler.pool(name, section)));
    const auditConfig = audit && this.#assembler.audit(audit);
    const config: ProxyConfig = {
      workers: general.workers,
      drainTimeoutMs: general.drain_timeout,
      failOnDeadPool: general.fail_on_dead_pool,
      listeners: listeners.map(({ section }) =>
        this.#assembler.listener(section, table, auditConfig),
      ),
      pools: table,
      audit: auditConfig,
      admin: admin && this.#assembler.admin(admin),
      explorer: explorer && this.#assembler.explorer(explorer),
    };
    return { config, errors, warnings: files.warnings };
  }

  #general(): z.output<typeof generalSchema> | undefined {
    const own = Object.keys(generalSchema.shape);
    const all = Object.keys(fileSchema.shape);
    const general = Object.fromEntries(
      Object.entries(this.#raw).filter(([key]) => own.includes(key) || !all.includes(key)),
    );
    // The whole file's schema is what unknown keys are compared with, so that "audits" leads to
    // "audit".
    return this.#parse(generalSchema, general, [], fileSchema);
  }

  #listeners(): { index: number; section: ListenerSection }[] {
    const raw = get(this.#raw, "listeners");
    if (!Array.isArray(raw) || raw.length === 0) {
      const message =
        raw === undefined
          ? "is missing"
          : Array.isArray(raw)
            ? "is empty: at least one is needed"
            : `expected a list, got ${shown(raw)}`;
      this.#errors.push({ path: ["listeners"], at: "value", message });
      return [];
    }
    return raw.flatMap((item: unknown, index) => {
      const schema = get(item, "protocol") === "tcp" ? tcpListenerSchema : httpListenerSchema;
      const protocol = get(item, "protocol");
      if (protocol !== undefined && protocol !== "tcp" && protocol !== "http") {
        const message = `expected one of http, tcp; got ${shown(protocol)}`;
        this.#errors.push({ path: ["listeners", index, "protocol"], at: "value", message });
        return [];
      }
      const section: ListenerSection | undefined = this.#parse<ListenerSection>(schema, item, [
        "listeners",
        index,
      ]);
      return section === undefined ? [] : [{ index, section }];
    });
  }

  #pools(): { name: string; section: PoolSection }[] {
    const raw = get(this.#raw, "pools");
    if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
      const message =
        raw === undefined ? "is missing" : `expected a map from names to pools, got ${shown(raw)}`;
      this.#errors.push({ path: ["pools"], at: "value", message });
      return [];
    }
    return Object.entries(raw).flatMap(([name, item]) => {
      const named = nameSchema.safeParse(name);
      for (const { message } of named.error?.issues ?? [])
        this.#errors.push({ path: ["pools", name], at: "key", message });
      const section = this.#parse(poolSchema, item, ["pools", name]);
      return section === undefined ? [] : [{ name, section }];
    });
  }

  #section<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const raw = get(this.#raw, key);
    return raw === undefined ? undefined : this.#parse(schema, raw, [key]);
  }

  #parse<T>(
    schema: z.ZodType<T>,
    raw: unknown,
    path: readonly PropertyKey[],
    known: z.ZodType = schema,
  ): T | undefined {
    const result = schema.safeParse(raw);
    if (result.success) return result.data;
    for (const finding of schemaIssuesOf(result.error, known, raw))
      this.#errors.push({ ...finding, path: [...path, ...finding.path] });
    return undefined;
  }
}
