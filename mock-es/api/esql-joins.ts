/** What ENRICH and LOOKUP JOIN read. */
import { EsError } from "../es-error.ts";
import type { EnrichSource, EnrichSources } from "../esql/commands/joins.ts";
import type { Analysis, Attribute } from "../esql/plan/analysis.ts";
import type { Source } from "../esql/plan/query.ts";
import type { Command } from "../esql/syntax/syntax.ts";
import type { Cluster } from "../store/cluster.ts";
import type { EnrichCopy, EnrichPolicy } from "../store/enrich-policies.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { fieldColumns, openSource, readersOf } from "./esql-source.ts";

/** The enrich policies of a cluster. */
export function enrichSources(cluster: Cluster): EnrichSources {
  const { enrichPolicies } = cluster.objects;
  return {
    get names() {
      cluster.access?.requireCluster("cluster:monitor/xpack/enrich/esql/resolve_policy");
      return [...enrichPolicies.keys()];
    },
    open(name) {
      const policy = enrichPolicies.get(name);
      const copy = policy?.copy;
      return policy === undefined || copy === undefined ? undefined : openPolicy(policy, copy);
    },
  };
}

function openPolicy({ matchField, enrichFields }: EnrichPolicy, copy: EnrichCopy): EnrichSource {
  const mapped = new Map(fieldColumns([...copy.indices]).map((column) => [column.name, column]));
  const columns = enrichFields.flatMap((name): readonly Attribute[] => {
    const column = mapped.get(name);
    // Values that are copied are no field of an index any more.
    return column === undefined ? [] : [withoutField(column)];
  });
  const readers = new Map<IndexState, ReturnType<typeof readersOf>>();
  return {
    matchField,
    columns,
    find: (values) =>
      copy.find(values).map(({ document, index }) => {
        const known = readers.get(index);
        const read = known ?? readersOf(index, columns);
        if (known === undefined) readers.set(index, read);
        return read.map((reader) => reader(document));
      }),
  };
}

function withoutField({ name, type, originalTypes }: Attribute): Attribute {
  return originalTypes === undefined ? { name, type } : { name, type, originalTypes };
}

/**
 * Opens the index of LOOKUP JOIN.
 *
 * @throws {EsError} 400 `verification_exception` for none, several, and one of another mode
 */
export function openLookup(
  cluster: Cluster,
  { index: { name: indices, start, end } }: Extract<Command, { kind: "lookup" }>,
  analysis: Analysis,
): Source {
  const command = { kind: "from", indices, metadata: [], start, end } as const;
  const source = openSource(cluster, command, analysis, undefined);
  const [first, second] = resolveIndices(cluster, indices, searchIndexOptions);
  const wanted = `Lookup Join requires a single lookup mode index; [${indices}] resolves to`;
  if (second !== undefined) throw verification(`${wanted} multiple indices`);
  const mode = first?.settings.text("index.mode") ?? "standard";
  if (mode !== "lookup")
    throw verification(`${wanted} [${first?.name ?? indices}] in [${mode}] mode`);
  return source;
}

function verification(reason: string): EsError {
  return new EsError(400, "verification_exception", reason);
}
