/** What Kibana is given: a data view, saved searches and a dashboard over the fleet's trail. */

/** A saved object, as Kibana's import takes it: one line of JSON each. */
export interface SavedObject {
  readonly id: string;
  readonly type: "index-pattern" | "search" | "lens" | "dashboard";
  readonly attributes: Json;
  readonly references: readonly Reference[];
  /** Which migrations of Kibana the object has behind it: later ones are done at the import. */
  readonly coreMigrationVersion: string;
  readonly typeMigrationVersion: string;
}

interface Reference {
  readonly id: string;
  readonly name: string;
  readonly type: SavedObject["type"];
}

type Json = Readonly<Record<string, unknown>>;

/** Forms of Kibana 8.9, which every later one reads. */
const coreMigrationVersion = "8.8.0";
const typeMigrationVersions = {
  "index-pattern": "8.0.0",
  search: "8.0.0",
  lens: "8.9.0",
  dashboard: "8.9.0",
} as const;
const viewId = "es-proxy-audit";
const timeField = "@timestamp";
const searchIndex = "kibanaSavedObjectMeta.searchSourceJSON.index";
const layer = "trail";
/** A dashboard has so many columns. */
const gridColumns = 48;

/** A saved search: which entries, and what is shown of each. */
interface SearchPlan {
  readonly id: string;
  readonly title: string;
  readonly query: string;
  readonly columns: readonly string[];
}

const who = ["user.name", "source.ip"];
const searches: readonly SearchPlan[] = [
  {
    id: "es-proxy-audit-exchanges",
    title: "es-proxy: all exchanges",
    query: "event.category: api",
    columns: [...who, "event.action", "es_proxy.indices", "http.response.status_code"],
  },
  {
    id: "es-proxy-audit-writes",
    title: "es-proxy: what was changed",
    query: "event.type: (change or creation or deletion)",
    columns: [...who, "event.action", "es_proxy.indices", "es_proxy.facts.written"],
  },
  {
    id: "es-proxy-audit-large-reads",
    title: "es-proxy: reads of 1,000 documents and more",
    query: "event.type: access and es_proxy.facts.documents >= 1000",
    columns: [...who, "event.action", "es_proxy.facts.indices", "es_proxy.facts.documents"],
  },
  {
    id: "es-proxy-audit-denied",
    title: "es-proxy: refused logins and rights",
    query: "http.response.status_code: (401 or 403)",
    columns: [...who, "event.action", "url.original", "http.response.status_code"],
  },
  {
    id: "es-proxy-audit-unknown",
    title: "es-proxy: calls whose outcome is not known",
    query: "event.outcome: unknown",
    columns: [...who, "event.action", "url.original", "es_proxy.outcome"],
  },
  {
    id: "es-proxy-audit-trail",
    title: "es-proxy: gaps and events of the trails themselves",
    query: "es_proxy.record: (gap or event)",
    columns: ["es_proxy.log.host", "event.action", "event.outcome", "es_proxy.event"],
  },
];

/** One column of a Lens layer. */
interface LensColumn {
  readonly id: string;
  readonly column: Json;
}

const everything: LensColumn = {
  id: "count",
  column: {
    label: "Exchanges",
    customLabel: true,
    dataType: "number",
    isBucketed: false,
    operationType: "count",
    scale: "ratio",
    sourceField: "___records___",
    params: {},
  },
};

const overTime: LensColumn = {
  id: "time",
  column: {
    label: timeField,
    dataType: "date",
    isBucketed: true,
    operationType: "date_histogram",
    scale: "interval",
    sourceField: timeField,
    params: { interval: "auto", includeEmptyRows: true, dropPartials: false },
  },
};

function sumOf(sourceField: string, label: string): LensColumn {
  return {
    id: `sum-${sourceField}`,
    column: {
      label,
      customLabel: true,
      dataType: "number",
      isBucketed: false,
      operationType: "sum",
      scale: "ratio",
      sourceField,
      params: {},
    },
  };
}

function percentileOf(sourceField: string, percentile: number, label: string): LensColumn {
  return {
    id: `p${percentile}`,
    column: {
      label,
      customLabel: true,
      dataType: "number",
      isBucketed: false,
      operationType: "percentile",
      scale: "ratio",
      sourceField,
      params: { percentile },
    },
  };
}

function topOf(sourceField: string, label: string, size: number): LensColumn {
  return {
    id: `top-${sourceField}`,
    column: {
      label,
      customLabel: true,
      dataType: "string",
      isBucketed: true,
      operationType: "terms",
      scale: "ordinal",
      sourceField,
      params: {
        size,
        orderBy: { type: "column", columnId: everything.id },
        orderDirection: "desc",
        otherBucket: false,
        missingBucket: false,
        parentFormat: { id: "terms" },
      },
    },
  };
}

/** One panel of the dashboard. */
interface PanelPlan {
  readonly id: string;
  readonly title: string;
  /** Columns of the grid. */
  readonly width: number;
  readonly query: string;
  readonly form: "bars" | "lines" | "table";
  readonly columns: readonly LensColumn[];
}

const documents = "es_proxy.facts.documents";
const answered = "http.response.bytes";
const panels: readonly PanelPlan[] = [
  {
    id: "es-proxy-audit-over-time",
    title: "Exchanges by outcome",
    width: 24,
    query: "event.category: api",
    form: "bars",
    columns: [overTime, topOf("event.outcome", "Outcome", 5), everything],
  },
  {
    id: "es-proxy-audit-duration",
    title: "Duration, nanoseconds",
    width: 24,
    query: "event.category: api",
    form: "lines",
    columns: [
      overTime,
      percentileOf("event.duration", 50, "p50"),
      percentileOf("event.duration", 99, "p99"),
    ],
  },
  ...(
    [
      ["users", "user.name", "Users"],
      ["indices", "es_proxy.indices", "Indices"],
      ["actions", "event.action", "Actions"],
      ["sources", "source.ip", "Sources"],
      ["proxies", "es_proxy.log.host", "Proxies"],
      ["statuses", "http.response.status_code", "Statuses"],
    ] as const
  ).map(([name, field, label]): PanelPlan => ({
    id: `es-proxy-audit-${name}`,
    title: label,
    width: 16,
    query: "event.category: api",
    form: "table",
    columns: [
      topOf(field, label, 20),
      everything,
      sumOf(documents, "Documents"),
      sumOf(answered, "Bytes answered"),
    ],
  })),
];

/** All of it, what is referred to before what refers to it. */
export function kibanaObjects(dataStream: string): readonly SavedObject[] {
  return [
    savedObject("index-pattern", viewId, {
      title: dataStream,
      name: "es-proxy audit",
      timeFieldName: timeField,
      allowNoIndex: true,
    }),
    ...searches.map(searchObject),
    ...panels.map(lensObject),
    dashboardObject(),
  ];
}

/** As Kibana's import takes it. */
export function kibanaLines(dataStream: string): string {
  return kibanaObjects(dataStream)
    .map((object) => `${JSON.stringify(object)}\n`)
    .join("");
}

function savedObject(
  type: SavedObject["type"],
  id: string,
  attributes: Json,
  references: readonly Reference[] = [],
): SavedObject {
  const typeMigrationVersion = typeMigrationVersions[type];
  return { id, type, attributes, references, coreMigrationVersion, typeMigrationVersion };
}

function kuery(query: string): Json {
  return { language: "kuery", query };
}

function searchObject({ id, title, query, columns }: SearchPlan): SavedObject {
  const source = { query: kuery(query), filter: [], indexRefName: searchIndex };
  return savedObject(
    "search",
    id,
    {
      title,
      description: "",
      columns,
      sort: [[timeField, "desc"]],
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify(source) },
    },
    [{ id: viewId, name: searchIndex, type: "index-pattern" }],
  );
}

function lensObject({ id, title, query, form, columns }: PanelPlan): SavedObject {
  const layers = {
    [layer]: {
      columnOrder: columns.map((column) => column.id),
      columns: Object.fromEntries(columns.map((column) => [column.id, column.column])),
      incompleteColumns: {},
    },
  };
  const state = {
    datasourceStates: { formBased: { layers } },
    visualization: form === "table" ? tableOf(columns) : chartOf(form, columns),
    query: kuery(query),
    filters: [],
    internalReferences: [],
    adHocDataViews: {},
  };
  const visualizationType = form === "table" ? "lnsDatatable" : "lnsXY";
  return savedObject("lens", id, { title, description: "", visualizationType, state }, [
    { id: viewId, name: `indexpattern-datasource-layer-${layer}`, type: "index-pattern" },
  ]);
}

function tableOf(columns: readonly LensColumn[]): Json {
  return {
    layerId: layer,
    layerType: "data",
    columns: columns.map(({ id }) => ({ columnId: id, isTransposed: false })),
  };
}

function chartOf(form: "bars" | "lines", columns: readonly LensColumn[]): Json {
  const split = columns.find(({ column }) => column["operationType"] === "terms");
  const seriesType = form === "bars" ? "bar_stacked" : "line";
  return {
    legend: { isVisible: true, position: "right" },
    valueLabels: "hide",
    preferredSeriesType: seriesType,
    layers: [
      {
        layerId: layer,
        layerType: "data",
        seriesType,
        xAccessor: overTime.id,
        accessors: columns
          .filter(({ column }) => column["isBucketed"] === false)
          .map(({ id }) => id),
        ...(split === undefined ? {} : { splitAccessor: split.id }),
      },
    ],
  };
}

/** A panel, and what it shows. */
interface PlacedPanel {
  readonly type: "lens" | "search";
  readonly id: string;
  readonly width: number;
}

const panelHeight = 14;

function dashboardObject(): SavedObject {
  const shown: PlacedPanel[] = [
    ...panels.map(({ id, width }): PlacedPanel => ({ type: "lens", id, width })),
    ...searches.map(({ id }): PlacedPanel => ({ type: "search", id, width: gridColumns / 2 })),
  ];
  let [x, y] = [0, 0];
  const placed = shown.map(({ type, width }, at) => {
    if (x + width > gridColumns) [x, y] = [0, y + panelHeight];
    const gridData = { x, y, w: width, h: panelHeight, i: String(at) };
    x += width;
    return {
      version: "8.9.0",
      type,
      gridData,
      panelIndex: String(at),
      embeddableConfig: { enhancements: {} },
      panelRefName: `panel_${at}`,
    };
  });
  return savedObject(
    "dashboard",
    "es-proxy-audit-dashboard",
    {
      title: "es-proxy: who did what",
      description: "The audit trails of a fleet of proxies, as they are shipped.",
      panelsJSON: JSON.stringify(placed),
      optionsJSON: JSON.stringify({ useMargins: true, syncColors: false, hidePanelTitles: false }),
      timeRestore: true,
      timeFrom: "now-24h",
      timeTo: "now",
      version: 1,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: kuery(""), filter: [] }),
      },
    },
    shown.map(({ type, id }, at) => ({ id, name: `${at}:panel_${at}`, type })),
  );
}
