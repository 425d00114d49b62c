/** Every setting of an index and of the cluster, one at a time, with values of other kinds. */
import { clusterSettingTable } from "../../../../mock-es/store/cluster-setting-table.ts";
import { indexSettingTable } from "../../../../mock-es/store/index-setting-table.ts";
import type { BodyBase } from "./body-base.ts";

/** What a setting has where it has nothing else. */
const defaults = /(\S+?)=([DFINPS])[bipstz][\d-]*=(\S*)/g;

/** Settings with which the real server answers nothing else, or that differ by machine. */
const untouched = /breaker|blocks|^logger|^http|^network|^path|^transport|^node|^discovery|^remote/;

/** Requests that make an index with a setting, that change it, and that change the cluster's. */
export const settingBodies: readonly BodyBase[] = [
  ...settingsIn(indexSettingTable, /[DFSI]/).flatMap(([name, value]): BodyBase[] => [
    {
      ask: "PUT /n1",
      body: { settings: { [`index.${name}`]: value } },
      keeps: (path) => path.length < 2,
      after: ["GET /n1", "DELETE /n1"],
    },
    {
      before: [{ ask: "DELETE /n1?ignore_unavailable=true" }, { ask: "PUT /n1", body: {} }],
      ask: "PUT /n1/_settings",
      body: { [`index.${name}`]: value },
      after: ["GET /n1/_settings", "DELETE /n1"],
    },
  ]),
  ...settingsIn(clusterSettingTable, /D/).map(([name, value]): BodyBase => ({
    ask: "PUT /_cluster/settings",
    body: { persistent: { [name]: value } },
    keeps: (path) => path.length < 2,
    after: ["GET /_cluster/settings"],
  })),
];

function settingsIn(table: string, classes: RegExp): [name: string, value: string][] {
  return [...table.matchAll(defaults)].flatMap(([, name = "", kind = "", value = ""]) =>
    classes.test(kind) && !untouched.test(name) ? [[name, value]] : [],
  );
}
