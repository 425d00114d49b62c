/** Makes indices of settings, mappings and templates, and copies of indices. */
import { AnalysisRegistry } from "../analysis/analysis.ts";
import { defaultGramLimits } from "../analysis/required-settings.ts";
import { illegalArgument, notSupported } from "../es-error.ts";
import { isObject } from "../json/json-value.ts";
import type { Profile } from "../profile.ts";
import { analysisSettings, checkGroups } from "./analysis-settings.ts";
import { checkTimestampField } from "./data-streams.ts";
import type { Entropy, Identifiers } from "./identifiers.ts";
import { checkIndexSort, checkSortFields, sortFields } from "./index-sort.ts";
import { checkShardNumbers } from "./shard-numbers.ts";
import { checkIndexSettings, flattenSettings, IndexSettings } from "./index-settings.ts";
import { IndexState } from "./index-state.ts";
import { Mappings } from "./mappings.ts";
import { checkWaiting } from "./setting-formats.ts";
import type { StoredObjects } from "./stored-objects.ts";
import { checkTranslogRetention } from "./translog-retention.ts";
import type { StoreUsage } from "./store-usage.ts";

/** What a new index is made of, before templates add to it. */
export interface IndexDefinition {
  readonly settings?: unknown;
  readonly mappings?: unknown;
  readonly aliases?: unknown;
}

/** A definition but for its aliases. */
export function withoutAliases({ settings, mappings }: IndexDefinition): IndexDefinition {
  return { settings, mappings };
}

/** What an index takes from the cluster that it is in. */
export interface IndexHome {
  readonly profile: Profile;
  readonly entropy: Entropy;
  readonly identifiers: Identifiers;
  readonly usage: StoreUsage;
  readonly objects: StoredObjects;
  /** Writes are seen by searches at once, without a refresh. */
  readonly options: { readonly isInstant: boolean };
}

/** Makes indices; the caller puts them into the cluster. */
export class IndexBuilder {
  readonly #home: IndexHome;

  constructor(home: IndexHome) {
    this.#home = home;
  }

  /**
   * An index of layers: the later ones win.
   *
   * @throws {EsError} 400 for a bad setting, analyzer or mapping
   */
  build(name: string, layers: readonly IndexDefinition[]): IndexState {
    const given = new Map<string, string | readonly string[] | null>();
    for (const layer of layers) {
      const settings = flattenSettings(layer.settings ?? {});
      checkIndexSettings(settings);
      for (const [key, value] of settings) {
        given.set(key, value);
      }
    }
    checkGroups(given.keys());
    const flat = withoutResets(given);
    checkTranslogRetention(flat);
    const now = this.#home.entropy.nowMs();
    const uuid = this.#home.identifiers.uuid();
    const settings = new IndexSettings(flat);
    if (!settings.has("index.number_of_shards")) settings.set("index.number_of_shards", "1");
    checkShardNumbers(settings, name);
    checkMode(settings);
    checkWaiting(settings.text("index.write.wait_for_active_shards"), settings.replicas);
    checkIndexSort(settings);
    // A single node has room for no replica, so an automatic number is 0.
    if ((settings.text("index.auto_expand_replicas") ?? "false") !== "false")
      settings.set("index.number_of_replicas", "0");
    if (!settings.has("index.number_of_replicas") && !settings.has("index.auto_expand_replicas")) {
      settings.set("index.number_of_replicas", "1");
    }
    settings.set("index.routing.allocation.include._tier_preference", "data_content");
    settings.set("index.provided_name", name);
    settings.set("index.creation_date", String(now));
    settings.set("index.uuid", uuid);
    settings.set("index.version.created", this.#home.profile.indexVersion);
    for (const [key, value] of given) if (value === null) settings.showAsNull(key);
    const mappings = this.#mappingsOf(settings);
    for (const layer of layers)
      if (isObject(layer.mappings)) mappings.merge(layer.mappings, 0, "template");
    if (mappings.hasTimestamp) checkTimestampField(mappings);
    checkSortFields(name, settings, mappings);
    const { isInstant } = this.#home.options;
    return new IndexState({ name, uuid, createdMs: now }, settings, mappings, {
      nowMs: () => this.#home.entropy.nowMs(),
      isInstant,
      usage: this.#home.usage,
    });
  }

  /**
   * A copy of an index that the cluster does not have.
   *
   * @param usage where its documents are counted
   * @throws {EsError} 429 when they do not fit
   */
  copyOf(index: IndexState, usage: StoreUsage): IndexState {
    const settings = new IndexSettings(new Map(index.settings.entries()));
    const { name, uuid, createdMs } = index;
    const copy = this.adopting(index, { name, uuid, createdMs }, settings, usage);
    for (const [alias, metadata] of index.aliases) copy.aliases.set(alias, metadata);
    copy.dataStream = index.dataStream;
    return copy;
  }

  /** An index of these settings with the mappings and the documents of another. */
  adopting(
    source: IndexState,
    identity: { readonly name: string; readonly uuid: string; readonly createdMs: number },
    settings: IndexSettings,
    usage: StoreUsage = this.#home.usage,
  ): IndexState {
    const index = new IndexState(identity, settings, this.#mappingsOf(settings), {
      nowMs: () => this.#home.entropy.nowMs(),
      isInstant: this.#home.options.isInstant,
      usage,
    });
    index.mappings.adopt(source.mappings);
    index.adopt(source);
    index.resizedFrom = undefined;
    return index;
  }

  /**
   * The mapping that templates would give to a new index, without the index.
   *
   * @throws {EsError} 400 when they do not fit together
   */
  mappingsOfLayers(layers: readonly IndexDefinition[]): Mappings {
    const mappings = this.#mappingsOf(settingsOfLayers(layers));
    for (const layer of layers)
      if (isObject(layer.mappings)) mappings.merge(layer.mappings, 0, "template");
    return mappings;
  }

  /**
   * An empty mapping for an index of these settings.
   *
   * @throws {EsError} 400 for analyzers that cannot be
   */
  #mappingsOf(settings: IndexSettings): Mappings {
    const limits = {
      ngram: Number(settings.text("index.max_ngram_diff") ?? defaultGramLimits.ngram),
      shingle: Number(settings.text("index.max_shingle_diff") ?? defaultGramLimits.shingle),
    };
    const analysis = new AnalysisRegistry(analysisSettings(settings.entries()), limits, (set) =>
      this.#home.objects.synonymSets.lines(set),
    );
    analysis.check();
    const similarities = new Set<string>();
    for (const [key] of settings.entries()) {
      const name = /^index\.similarity\.([^.]+)\./.exec(key)?.[1];
      if (name !== undefined) similarities.add(name);
      if (name !== undefined && key.endsWith(".type")) checkSimilarity(name, settings.text(key));
    }
    return new Mappings({
      analysis,
      similarities,
      limits: () => settings.mappingLimits,
      sortFields: sortFields(settings),
    });
  }
}

/** The settings that templates would give to a new index. */
export function settingsOfLayers(layers: readonly IndexDefinition[]): IndexSettings {
  const flat = new Map<string, string | readonly string[]>();
  for (const layer of layers)
    for (const [key, value] of flattenSettings(layer.settings ?? {}))
      if (value !== null) flat.set(key, value);
  return new IndexSettings(flat);
}

/** Settings but for those that are null, which stand for their defaults. @throws {EsError} 400 */
function withoutResets(
  given: ReadonlyMap<string, string | readonly string[] | null>,
): Map<string, string | readonly string[]> {
  const flat = new Map<string, string | readonly string[]>();
  for (const [name, value] of given) {
    if (value !== null) flat.set(name, value);
    // The server refuses them, some with a status of 500.
    else if (/^index\.(?:number_of_(?:shards|replicas)|sort\.(?:order|mode|missing))$/.test(name))
      throw notSupported(`an index with [${name}: null]`);
  }
  return flat;
}

const similarityTypes: ReadonlySet<string> = new Set(
  "BM25 boolean DFR DFI IB LMDirichlet LMJelinekMercer scripted".split(" "),
);

function checkSimilarity(name: string, type: string | undefined): void {
  if (type !== undefined && similarityTypes.has(type)) return;
  throw illegalArgument(`Unknown Similarity type [${type ?? ""}] for [${name}]`);
}

/** @throws {EsError} 400 for an index of the mode `lookup` with several shards */
function checkMode(settings: IndexSettings): void {
  const { shards } = settings;
  if (settings.text("index.mode") !== "lookup" || shards === 1) return;
  const reason = `index with [lookup] mode must have [index.number_of_shards] set to 1 or unset; provided ${shards}`;
  throw illegalArgument(reason);
}
