/** What all processors are made of: their settings, and changes of texts. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { toScriptValue } from "../script/values.ts";
import { classNameOf, type IngestDocument } from "./ingest-document.ts";
import { inHashOrder } from "../text/hash-order.ts";

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

/** For texts in templates. */
const mediaTypes = ["application/json", "text/plain", "application/x-www-form-urlencoded"];

/** Makes a processor of its settings. */
export type Maker = (settings: Settings, around: ProcessorSurroundings) => Processor;

/** The settings of a processor, each of which has to be asked for; null is as if not there. */
export class Settings {
  /** `undefined`: those of a pipeline. */
  readonly type: string | undefined;
  readonly #given: JsonObject;
  readonly #tag: string | undefined;
  readonly #known = new Set<string>();

  constructor(type: string | undefined, given: JsonObject, tag?: string) {
    this.type = type;
    this.#given = given;
    this.#tag = tag;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#given, name);
  }

  /** `undefined` for null, too. */
  value(name: string): unknown {
    this.#known.add(name);
    return this.#given[name] ?? undefined;
  }

  /** Those of some names that are there, null among them. */
  members(names: readonly string[]): JsonObject {
    for (const name of names) this.#known.add(name);
    return Object.fromEntries(Object.entries(this.#given).filter(([name]) => names.includes(name)));
  }

  /** @throws {EsError} where there is none */
  required(name: string): unknown {
    const value = this.value(name);
    if (value === undefined) throw this.problem(name, "required property is missing");
    return value;
  }

  text(name: string): string {
    this.required(name);
    return this.textOr(name, "");
  }

  textOr<T>(name: string, fallback: T): string | T {
    const value = this.value(name) ?? fallback;
    if (value === fallback || typeof value === "string") return value as string | T;
    throw this.unlike(name, "string", value);
  }

  flag(name: string, fallback = false): boolean {
    const value = this.value(name) ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.unlike(name, "boolean", value);
  }

  /** A text, or the digits of a whole number. */
  textOrInt<T>(name: string, fallback: T): string | T {
    const value = this.value(name);
    if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) < 2 ** 31)
      return String(value);
    if (value === undefined) return fallback;
    if (typeof value === "string") return value;
    throw this.unlike(name, "string or int", value);
  }

  /** A list of texts. */
  list(name: string): string[] {
    this.required(name);
    return this.listOr(name, []);
  }

  listOr<T>(name: string, fallback: T): string[] | T {
    const value = this.value(name);
    if (value === undefined) return fallback;
    if (!Array.isArray(value)) throw this.unlike(name, "list", value);
    return value.map((item: unknown) => {
      // The server fails on such a one later, with an exception of Java's own.
      if (typeof item !== "string") throw notSupported(`[${textOf(item)}] among [${name}]`);
      return item;
    });
  }

  /** A list of anything. */
  entries(name: string): readonly unknown[] | undefined {
    const value = this.value(name);
    if (value === undefined || Array.isArray(value)) return value;
    throw this.unlike(name, "list", value);
  }

  /** One text, or a list of them. */
  texts(name: string): string[] {
    return typeof this.value(name) === "string" ? [this.text(name)] : this.list(name);
  }

  /** @throws {EsError} where there is none */
  requiredObject(name: string): JsonObject {
    this.required(name);
    return this.object(name) ?? {};
  }

  object(name: string): JsonObject | undefined {
    const value = this.value(name);
    if (value === undefined || isObject(value)) return value;
    throw this.unlike(name, "map", value);
  }

  whole(name: string, fallback: number): number {
    const value = this.value(name);
    if (value === undefined) return fallback;
    const text = textOf(value);
    const isInt = /^[+-]?\d+$/.test(text) && Math.abs(Number(text)) < 2 ** 31;
    if (!isInt) throw this.problem(name, `property cannot be converted to an int [${text}]`);
    return Number(text);
  }

  /** How texts in templates are escaped, which makes no difference here. */
  checkMediaType(): void {
    const type = this.textOr("media_type", mediaTypes[0]);
    if (mediaTypes.includes(type ?? "")) return;
    const reason = `property does not contain a supported media type [${type}]`;
    throw this.problem("media_type", reason);
  }

  /** @throws {EsError} for names of months in other languages */
  checkLocale(): void {
    const locale = this.textOr("locale", "en");
    if (!/^(?:en(?:[-_].*)?|english|root)$/i.test(locale))
      throw notSupported(`the locale [${locale}] of the processor [${this.type}]`);
  }

  /**
   * @param whose `processor [set]`
   * @throws {EsError} for settings that nobody asked for
   */
  finish(whose: string): void {
    const rest = Object.keys(this.#given).filter((name) => !this.#known.has(name));
    if (rest.length === 0) return;
    const reason = `${whose} doesn't support one or more provided configuration parameters [${inHashOrder(rest).join(", ")}]`;
    throw new EsError(400, "parse_exception", reason, this.#origin());
  }

  problem(name: string | undefined, reason: string): EsError {
    if (name === undefined) return new EsError(400, "parse_exception", reason, this.#origin());
    const extra = { property_name: name, ...this.#origin() };
    return new EsError(400, "parse_exception", `[${name}] ${reason}`, extra);
  }

  #origin(): JsonObject {
    const tag = this.#tag === undefined ? {} : { processor_tag: this.#tag };
    return this.type === undefined ? tag : { processor_type: this.type, ...tag };
  }

  /** What is wrong with a value of another type. */
  unlike(name: string | undefined, kind: string, value: unknown): EsError {
    const type = classNameOf(toScriptValue(value));
    return this.problem(name, `property isn't a ${kind}, but of type [${type}]`);
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
