/** What a new data stream takes from its index template. */
import { EsError, illegalArgument } from "../es-error.ts";
import { isObject } from "../json/json-value.ts";
import type { DataStream, DataStreamTemplate } from "./index-state.ts";
import { checkStreamName } from "./index-name.ts";
import type { IndexTemplate, Templates } from "./templates.ts";

interface Home {
  readonly templates: Templates;
  readonly dataStreams: ReadonlyMap<string, DataStream>;
}

/**
 * A data stream of no indices.
 *
 * @throws {EsError} 400 for a name that it cannot have, that is taken, or that no template is for
 */
export function newDataStream(home: Home, name: string): DataStream {
  if (home.dataStreams.has(name))
    throw new EsError(
      400,
      "resource_already_exists_exception",
      `data_stream [${name}] already exists`,
    );
  checkStreamName(name);
  const { name: template, options, template: made } = streamTemplate(home, name);
  const layers = home.templates.layersFor(name).map(({ lifecycle }) => lifecycle);
  const lifecycle = layers.findLast(isObject);
  return {
    name,
    template,
    meta: made._meta,
    options,
    backing: [],
    generation: 0,
    lifecycle: lifecycle === undefined ? undefined : { enabled: true, ...lifecycle },
    aliases: new Map(),
  };
}

/**
 * The template that makes a data stream and its indices.
 *
 * @throws {EsError} 400 when there is none
 */
export function streamTemplate(
  { templates }: Pick<Home, "templates">,
  stream: string,
): {
  readonly name: string;
  readonly template: IndexTemplate;
  readonly options: DataStreamTemplate;
} {
  const winner = templates.winnerFor(stream);
  if (winner === undefined)
    throw illegalArgument(`no matching index template found for data stream [${stream}]`);
  const options = winner.template.data_stream;
  if (options === undefined)
    throw illegalArgument(
      `matching index template [${winner.name}] for data stream [${stream}] has no data stream template`,
    );
  return { ...winner, options };
}
