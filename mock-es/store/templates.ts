import { simplePattern } from "../text/simple-pattern.ts";
import type { DataStreamTemplate } from "./index-state.ts";

/** A template's contribution to a new index. */
export interface TemplateLayer {
  readonly settings?: unknown;
  readonly mappings?: unknown;
  readonly aliases?: unknown;
  /** How long documents of data streams are kept; kept as it is, nothing is ever too old here. */
  readonly lifecycle?: unknown;
  readonly data_stream_options?: unknown;
}

/** A composable index template as it was put. */
export interface IndexTemplate {
  readonly index_patterns: readonly string[];
  readonly template?: TemplateLayer;
  readonly composed_of?: readonly string[];
  readonly priority?: number;
  readonly version?: number;
  readonly _meta?: Record<string, unknown>;
  readonly deprecated?: boolean;
  readonly allow_auto_create?: boolean;
  /** Names that match become data streams. */
  readonly data_stream?: DataStreamTemplate;
  readonly ignore_missing_component_templates?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly created_date_millis?: number;
  readonly modified_date_millis?: number;
}

/** A component template as it was put. */
export interface ComponentTemplate {
  readonly template: TemplateLayer;
  readonly version?: number;
  readonly _meta?: Record<string, unknown>;
  readonly deprecated?: boolean;
  /** Milliseconds since the epoch. */
  readonly created_date_millis: number;
  readonly modified_date_millis: number;
}

/** A legacy template as it was put. */
export interface LegacyTemplate extends TemplateLayer {
  readonly index_patterns: readonly string[];
  readonly order: number;
  readonly version?: number;
}

/** All templates of a cluster. */
export class Templates {
  readonly index = new Map<string, IndexTemplate>();
  readonly component = new Map<string, ComponentTemplate>();
  readonly legacy = new Map<string, LegacyTemplate>();

  constructor() {
    this.clear();
  }

  /** Removes all templates but the one that every cluster brings along. */
  clear(): void {
    this.index.clear();
    this.component.clear();
    this.legacy.clear();
    this.legacy.set(".mock-es-history", {
      index_patterns: [".mock-es-history-*"],
      order: 0,
      settings: { index: { number_of_replicas: "0", hidden: "true" } },
      mappings: {},
      aliases: {},
    });
  }

  /**
   * The composable template that applies to a new index: the one of highest priority, as no two of
   * equal priority may overlap.
   */
  winnerFor(
    indexName: string,
  ): { readonly name: string; readonly template: IndexTemplate } | undefined {
    let winner: { readonly name: string; readonly template: IndexTemplate } | undefined;
    for (const [name, template] of this.index) {
      if (!matchesAny(template.index_patterns, indexName)) continue;
      if (winner === undefined || (template.priority ?? 0) > (winner.template.priority ?? 0))
        winner = { name, template };
    }
    return winner;
  }

  /**
   * What templates contribute to a new index, weakest first. A composable template keeps legacy
   * ones out.
   */
  layersFor(indexName: string): TemplateLayer[] {
    const winner = this.winnerFor(indexName);
    if (winner === undefined) {
      return [...this.legacy.values()]
        .filter((template) => matchesAny(template.index_patterns, indexName))
        .sort((a, b) => a.order - b.order);
    }
    return this.layersOf(winner.template);
  }

  /** The layers of one composable template: its components in order, then itself. */
  layersOf(template: IndexTemplate): TemplateLayer[] {
    const components = (template.composed_of ?? []).map(
      (name) => this.component.get(name)?.template ?? {},
    );
    return [...components, template.template ?? {}];
  }
}

function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => simplePattern(pattern).test(name));
}
