/** The processor `reroute`: another data stream or index for a document. */
import { illegalArgument } from "../es-error.ts";
import type { IngestDocument } from "./ingest-document.ts";
import type { Maker, Settings } from "./processor-settings.ts";

/** A part of a data stream's name: a text, or the first field that has one. */
type Part = (document: IngestDocument) => string | undefined;

/** Characters of a part of a name that count. */
const longest = 100;

/** `reroute`. */
export const reroute: Maker = (settings) => {
  const dataset = partOf(settings, "dataset", /[\\/*?"<>| ,#:-]/g);
  const namespace = partOf(settings, "namespace", /[\\/*?"<>| ,#:]/g);
  const destination = settings.textOr("destination", undefined);
  const isByParts = ["dataset", "namespace"].some((name) => settings.value(name) !== undefined);
  if (destination !== undefined && isByParts)
    throw settings.problem("destination", "can only be set if dataset and namespace are not set");
  return (document) => {
    if (destination !== undefined) {
      document.reroute(destination);
      return;
    }
    const name = document.requireText("_index");
    const [, type, ownDataset, ownNamespace] = /^([^-]*)-([^-]*)-(.*)$/s.exec(name) ?? [];
    if (type === undefined || ownDataset === undefined || ownNamespace === undefined)
      throw illegalArgument(
        `invalid data stream name: [${name}]; must follow naming scheme <type>-<dataset>-<namespace>`,
      );
    const newDataset = dataset(document) ?? ownDataset;
    const newNamespace = namespace(document) ?? ownNamespace;
    document.reroute(`${type}-${newDataset}-${newNamespace}`);
    document.set("data_stream.type", type);
    document.set("data_stream.dataset", newDataset);
    document.set("data_stream.namespace", newNamespace);
    if (document.get("event.dataset") !== undefined) document.set("event.dataset", newDataset);
  };
};

function partOf(settings: Settings, name: string, refused: RegExp): Part {
  const given = settings.value(name) === undefined ? [] : settings.texts(name);
  const texts = given.length === 0 ? [`{{data_stream.${name}}}`] : given;
  const clean = (text: string): string =>
    text.toLowerCase().slice(0, longest).replaceAll(refused, "_");
  const parts = texts.map((text): Part => {
    if (!text.includes("{{") && !text.includes("}}")) {
      if (clean(text) !== text)
        throw settings.problem(name, `'${text}' contains disallowed characters`);
      return () => text;
    }
    const [, twice, thrice] = /^\{\{(?:\{([^{}]*)\}|([^{}]*))\}\}$/.exec(text) ?? [];
    const field = twice ?? thrice;
    if (field === undefined)
      throw settings.problem(name, `'${text}' is not a valid field reference`);
    return (document) => {
      const value = document.get(field);
      return typeof value === "string" ? clean(value) : undefined;
    };
  });
  return (document) => {
    for (const part of parts) {
      const found = part(document);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}
