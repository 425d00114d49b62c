/** The state of a cluster besides its indices, which snapshots take and bring back. */
import type { Cluster } from "./cluster.ts";
import type { GlobalState } from "./snapshots.ts";

/** The state of a cluster besides its indices, as it is now. */
export function globalStateOf(cluster: Cluster): GlobalState {
  const { templates, objects } = cluster;
  return {
    persistentSettings: new Map(cluster.persistentSettings),
    indexTemplates: new Map(templates.index),
    componentTemplates: new Map(templates.component),
    legacyTemplates: new Map(templates.legacy),
    pipelines: new Map(objects.pipelines),
    scripts: new Map(objects.scripts),
    lifecyclePolicies: new Map(objects.lifecyclePolicies),
  };
}

/** Puts the state of a snapshot in place of that of a cluster; old templates are added. */
export function restoreGlobalState(cluster: Cluster, state: GlobalState): void {
  const { templates, objects } = cluster;
  const replace = <T>(target: Map<string, T>, source: ReadonlyMap<string, T>): void => {
    target.clear();
    for (const [name, value] of source) target.set(name, value);
  };
  replace(cluster.persistentSettings, state.persistentSettings);
  replace(templates.index, state.indexTemplates);
  replace(templates.component, state.componentTemplates);
  for (const [name, template] of state.legacyTemplates) templates.legacy.set(name, template);
  replace(objects.pipelines, state.pipelines);
  replace(objects.scripts, state.scripts);
  replace(objects.lifecyclePolicies, state.lifecyclePolicies);
}
