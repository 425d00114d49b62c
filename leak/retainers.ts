import { readFile } from "node:fs/promises";

/** A V8 heap snapshot as far as it is needed here. */
export interface Heap {
  readonly nodeFields: number;
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
  readonly at: Readonly<Record<"type" | "name" | "id" | "selfSize" | "edgeCount", number>>;
  readonly edgeFields: number;
  readonly nodeTypes: readonly string[];
  readonly edgeTypes: readonly string[];
}

interface SnapshotFile {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

/** Kinds of growth that are listed. */
const mostKinds = 12;
const longestPath = 25;

/** Reads a file of `v8.writeHeapSnapshot`. */
export async function readHeap(file: string): Promise<Heap> {
  // The format is V8's own; its `meta` names the fields.
  const parsed = JSON.parse(await readFile(file, "utf8")) as SnapshotFile;
  const { meta } = parsed.snapshot;
  const at = (name: string): number => meta.node_fields.indexOf(name);
  return {
    nodeFields: meta.node_fields.length,
    edgeFields: meta.edge_fields.length,
    nodes: parsed.nodes,
    edges: parsed.edges,
    strings: parsed.strings,
    at: {
      type: at("type"),
      name: at("name"),
      id: at("id"),
      selfSize: at("self_size"),
      edgeCount: at("edge_count"),
    },
    nodeTypes: meta.node_types[0],
    edgeTypes: meta.edge_types[0],
  };
}

/**
 * Lines that say which kinds of objects grew between two snapshots, and how one new object of each
 * is reached.
 */
export function describeGrowth(early: Heap, late: Heap, classes: readonly string[]): string[] {
  const before = byKind(early);
  const known = new Set(ids(early));
  const grown = [...byKind(late)]
    .map(([kind, { count, bytes }]) => ({
      kind,
      count: count - (before.get(kind)?.count ?? 0),
      bytes: bytes - (before.get(kind)?.bytes ?? 0),
    }))
    .filter(({ kind, bytes }) => bytes > 0 && !kind.startsWith("(system)"))
    .sort((a, b) => rank(b.kind) - rank(a.kind) || b.bytes - a.bytes)
    .slice(0, mostKinds);
  const parents = parentEdges(late);
  return grown.flatMap(({ kind, count, bytes }) => {
    const example = exampleOf(late, kind, known);
    const path =
      example === undefined ? [] : pathTo(late, parents, example).map((step) => `      ${step}`);
    return [
      `  ${kind}: ${signed(count)} objects, ${signed(bytes)} bytes; one of them is retained by`,
      ...path,
      "",
    ];
  });

  function rank(kind: string): number {
    return classes.includes(kind) ? 1 : 0;
  }
}

/** How a node is reached from the root, the nearest owner first. */
export function pathTo(heap: Heap, parents: Int32Array, node: number): string[] {
  const steps: string[] = [];
  for (let at = node; at !== 0 && steps.length < longestPath;) {
    const edge = parents[at / heap.nodeFields] ?? -1;
    if (edge < 0) break;
    const owner = ownerOf(heap, edge);
    steps.push(`${edgeName(heap, edge)} of ${nodeName(heap, owner)}`);
    at = owner;
  }
  return steps;
}

/**
 * For each node the edge over which a walk from the root first reaches it, weak edges left out; -1:
 * not reached.
 */
export function parentEdges(heap: Heap): Int32Array {
  const { nodes, edges, nodeFields, edgeFields, edgeTypes } = heap;
  const first = firstEdges(heap);
  const parents = new Int32Array(nodes.length / nodeFields).fill(-1);
  const queue = [0];
  for (let head = 0; head < queue.length; head += 1) {
    const node = queue[head] ?? 0;
    const index = node / nodeFields;
    for (let edge = first[index] ?? 0; edge < (first[index + 1] ?? 0); edge += edgeFields) {
      const to = edges[edge + 2] ?? 0;
      if (
        to === 0 ||
        (parents[to / nodeFields] ?? 0) !== -1 ||
        edgeTypes[edges[edge] ?? 0] === "weak"
      )
        continue;
      parents[to / nodeFields] = edge;
      queue.push(to);
    }
  }
  return parents;
}

function firstEdges({ nodes, nodeFields, edgeFields, at }: Heap): Int32Array {
  const first = new Int32Array(nodes.length / nodeFields + 1);
  let edge = 0;
  for (let node = 0, index = 0; node < nodes.length; node += nodeFields, index += 1) {
    first[index] = edge;
    edge += (nodes[node + at.edgeCount] ?? 0) * edgeFields;
  }
  first[first.length - 1] = edge;
  return first;
}

/**
 * The node whose edges hold this one: a binary search, because edges lie in the order of their
 * nodes.
 */
function ownerOf(heap: Heap, edge: number): number {
  const first = (ownerIndex.get(heap) ?? firstEdges(heap)) satisfies Int32Array;
  ownerIndex.set(heap, first);
  let low = 0;
  let high = first.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((first[middle] ?? 0) <= edge) low = middle;
    else high = middle;
  }
  return low * heap.nodeFields;
}

const ownerIndex = new WeakMap<Heap, Int32Array>();

function byKind(heap: Heap): Map<string, { count: number; bytes: number }> {
  const kinds = new Map<string, { count: number; bytes: number }>();
  for (let node = 0; node < heap.nodes.length; node += heap.nodeFields) {
    const kind = kindOf(heap, node);
    const bytes = heap.nodes[node + heap.at.selfSize] ?? 0;
    const sum = kinds.get(kind);
    if (sum === undefined) kinds.set(kind, { count: 1, bytes });
    else {
      sum.count += 1;
      sum.bytes += bytes;
    }
  }
  return kinds;
}

/** Class of an object, otherwise the kind of thing that it is. */
function kindOf(heap: Heap, node: number): string {
  const type = heap.nodeTypes[heap.nodes[node + heap.at.type] ?? 0] ?? "";
  if (type === "object" || type === "native")
    return heap.strings[heap.nodes[node + heap.at.name] ?? 0] ?? "";
  if (type === "hidden" || type === "code" || type === "object shape") return `(system) ${type}`;
  return `(${type})`;
}

function exampleOf(heap: Heap, kind: string, known: ReadonlySet<number>): number | undefined {
  let example: number | undefined;
  for (let node = 0; node < heap.nodes.length; node += heap.nodeFields) {
    if (kindOf(heap, node) !== kind) continue;
    if (!known.has(heap.nodes[node + heap.at.id] ?? 0)) return node;
    example ??= node;
  }
  return example;
}

function* ids(heap: Heap): Generator<number> {
  for (let node = 0; node < heap.nodes.length; node += heap.nodeFields)
    yield heap.nodes[node + heap.at.id] ?? 0;
}

function edgeName({ edges, edgeTypes, strings }: Heap, edge: number): string {
  const type = edgeTypes[edges[edge] ?? 0] ?? "";
  const name = edges[edge + 1] ?? 0;
  return type === "element" || type === "hidden" ? `[${name}]` : (strings[name] ?? "");
}

function nodeName(heap: Heap, node: number): string {
  const name = (heap.strings[heap.nodes[node + heap.at.name] ?? 0] ?? "").slice(0, 80);
  return name === "" ? kindOf(heap, node) : name;
}

function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value);
}
