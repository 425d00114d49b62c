/** An index of records that are no documents, for one query over them. */
import { AnalysisRegistry } from "../analysis/analysis.ts";
import type { JsonObject } from "../json/json-value.ts";
import { analysisSettings } from "./analysis-settings.ts";
import type { Cluster } from "./cluster.ts";
import { IndexSettings } from "./index-settings.ts";
import { IndexState } from "./index-state.ts";
import { Mappings } from "./mappings.ts";
import { StoreUsage } from "./store-usage.ts";

/** Makes an index that the cluster does not have, of fields by their types. */
export function recordIndex(
  cluster: Cluster,
  fields: Readonly<Record<string, string>>,
  records: readonly { readonly id: string; readonly fields: JsonObject }[],
): IndexState {
  const settings = new IndexSettings(new Map([["index.number_of_shards", "1"]]));
  const mappings = new Mappings({
    analysis: new AnalysisRegistry(analysisSettings([])),
    similarities: new Set(),
    sortFields: [],
    limits: () => settings.mappingLimits,
  });
  const properties = Object.entries(fields).map(([name, type]) => [name, { type }]);
  mappings.merge({ properties: Object.fromEntries(properties) }, 0);
  const nowMs = (): number => cluster.entropy.nowMs();
  const index = new IndexState(
    { name: ".security", uuid: cluster.identifiers.uuid(), createdMs: nowMs() },
    settings,
    mappings,
    {
      nowMs,
      isInstant: true,
      usage: new StoreUsage({ documents: Infinity, characters: Infinity }),
    },
  );
  for (const { id, fields: values } of records)
    index.put({
      id,
      text: JSON.stringify(values),
      routing: undefined,
      ignored: undefined,
      version: undefined,
    });
  return index;
}
