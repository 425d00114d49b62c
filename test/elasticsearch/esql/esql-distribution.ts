/** Installs an Elasticsearch 8.19 that knows ES|QL. */
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeModule, fetchAlone, installOnce } from "../distribution.ts";
import {
  compileJar,
  fetchSecuredDistribution,
  type InstallTools,
} from "../secured-distribution.ts";

/** The last version whose compute engine is on Maven Central. */
export const esqlVersion = "8.19.0";

const plugin = "org.elasticsearch.plugin";
/** ES|QL and what it needs; what version 8 has not published comes from version 9. */
const libraries = [
  `${plugin}:x-pack-esql:${esqlVersion}`,
  `${plugin}:x-pack-esql-compute:${esqlVersion}`,
  `${plugin}:x-pack-esql-core:${esqlVersion}`,
  `${plugin}:x-pack-mapper-version:9.5.3`,
  "org.elasticsearch:elasticsearch-dissect:9.5.3",
  "org.antlr:antlr4-runtime:4.13.1",
  "org.apache.lucene:lucene-spatial3d:9.12.2",
  "org.apache.commons:commons-math3:3.6.1",
];

/**
 * Gives the folder of an installation with ES|QL, fetching it when it is not there yet: the archive
 * for integration tests, with ES|QL as a module and without security.
 */
export async function fetchEsqlDistribution(tools: InstallTools): Promise<string> {
  const secured = await fetchSecuredDistribution(esqlVersion, tools);
  return installOnce(`elasticsearch-${esqlVersion}-esql`, async (stage) => {
    const module = join(stage, "modules", "x-pack-esql");
    await mkdir(join(stage, "config"), { recursive: true });
    const kept = ["transport-netty4", "x-pack-core", "es-proxy-root"].map((m) => `modules/${m}`);
    for (const name of ["lib", ...kept])
      await cp(join(secured, name), join(stage, name), { recursive: true });
    await mkdir(module);
    tools.progress(`fetching ES|QL ${esqlVersion} (about 10 MB, once)`);
    for (const coordinates of libraries) await fetchAlone(tools.maven, coordinates, module);
    const source = fileURLToPath(new URL("node/ArrowFormat.java", import.meta.url));
    await compileJar(stage, [source], join(module, "formats.jar"), tools);
    await describeModule(module, {
      version: esqlVersion,
      classname: "org.elasticsearch.xpack.esql.plugin.EsqlPlugin",
      extends: "x-pack-core",
    });
  });
}
