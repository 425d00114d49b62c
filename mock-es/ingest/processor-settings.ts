/** What all processors are made of: their settings, and changes of texts. */
import { EsError, illegalArgument } from "../es-error.ts";
import { type JsonObject, textOf } from "../json/json-value.ts";
import { classNameOf, type IngestDocument } from "./ingest-document.ts";

/** Changes a document. */
export type Processor = (document: IngestDocument) => void;

/** The copy of documents that the execution of an enrich policy has made. */
export interface EnrichLookup {
  /** The documents whose match field has one of some values, in the order of writing. */
  matches(values: readonly string[]): readonly JsonObject[];
}

/** What processors may ask of the cluster. */
export interface ProcessorSurroundings {
  readonly findScript: (id: string) => string | undefined;
  readonly findEnrichLookup: (policy: string) => EnrichLookup | undefined;
  /** Runs another pipeline. @throws {EsError} when there is none of that name */
  readonly runPipeline: (name: string, document: IngestDocument, ignoresMissing: boolean) => void;
  /** Compiles a processor that another holds. */
  readonly compile: (definition: unknown) => Processor;
}

/** Makes a processor of its settings. */
export type Maker = (settings: Settings, around: ProcessorSurroundings) => Processor;

/** The settings of a processor, each of which has to be asked for. */
export class Settings {
  readonly type: string;
  readonly #given: JsonObject;
  readonly #known = new Set<string>();

  constructor(type: string, given: JsonObject) {
    this.type = type;
    this.#given = given;
  }

  value(name: string): unknown {
    this.#known.add(name);
    return this.#given[name];
  }

  text(name: string): string {
    const value = this.value(name);
    if (value === undefined || value === null)
      throw this.problem(name, "required property is missing");
    return textOf(value);
  }

  textOr<T>(name: string, fallback: T): string | T {
    const value = this.value(name);
    return value === undefined || value === null ? fallback : textOf(value);
  }

  flag(name: string): boolean {
    const value = this.value(name);
    return value === true || value === "true";
  }

  list(name: string): string[] {
    const value = this.value(name);
    if (value === undefined) throw this.problem(name, "required property is missing");
    return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(textOf);
  }

  /** @throws {EsError} for settings that nobody asked for */
  finish(): void {
    const rest = Object.keys(this.#given).filter((name) => !this.#known.has(name));
    if (rest.length === 0) return;
    const reason = `processor [${this.type}] doesn't support one or more provided configuration parameters [${rest.join(", ")}]`;
    throw new EsError(400, "parse_exception", reason, { processor_type: this.type });
  }

  problem(name: string, reason: string): EsError {
    return new EsError(400, "parse_exception", `[${name}] ${reason}`, {
      property_name: name,
      processor_type: this.type,
    });
  }
}

/** A processor that turns the text of a field into something else. */
export function textMaker(change: (text: string) => unknown): Maker {
  return (settings) => onField(settings, (text) => change(text));
}

/** A processor that changes the text of a field. @throws {EsError} for what is no text */
export function onField(settings: Settings, change: (text: string) => unknown): Processor {
  const field = settings.text("field");
  const target = settings.textOr("target_field", field);
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    const value = document.get(field);
    if ((value === undefined || value === null) && ignoresMissing) return;
    const given = document.require(field);
    const one = (item: unknown): unknown => {
      if (typeof item === "string") return change(item);
      if (item === null) throw illegalArgument(`field [${field}] is null, cannot process it.`);
      throw illegalArgument(
        `field [${field}] of type [${classNameOf(item)}] cannot be cast to [java.lang.String]`,
      );
    };
    document.set(target, Array.isArray(given) ? given.map(one) : one(given));
  };
}
