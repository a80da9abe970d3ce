import { type Tensor, TensorFaceError } from "../core/index.ts";
import type { Attribute, Dimension, Graph, GraphNode, ValueInfo } from "./model.ts";
import { defaultOpset } from "./onnx.ts";

export interface OpOptions {
  /** Wish for the node's name, which also names its first output; made unique. @default the operation's name */
  readonly name?: string;
  /** ONNX domain. @default "" */
  readonly domain?: string;
}

/** Collects the nodes of a graph. Everything is spoken of by the names of values, which the builder hands out and keeps unique. */
export interface GraphBuilder {
  /** Declares an input, under exactly this name. @throws {TF_GRAPH_INVALID} when the name is taken */
  readonly input: (name: string, shape: readonly Dimension[], type?: ValueInfo["type"]) => string;
  /** Adds a constant. `name` is a wish, made unique. */
  readonly constant: (tensor: Tensor, name?: string) => string;
  /** A float32 scalar; equal ones share one value. Nothing must write into it. */
  readonly scalar: (value: number) => string;
  /** An int64 list such as a shape or axes; equal ones share one value. Nothing must write into it. */
  readonly integers: (values: readonly number[]) => string;
  /**
   * Adds an operation with one output and gives the output's name. An input "" is left out.
   * @throws {TF_GRAPH_INVALID} when an input is a value that does not exist
   */
  readonly op: (op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>, options?: OpOptions) => string;
  /** Like {@link op}, with `count` outputs. */
  readonly multi: (
    op: string,
    count: number,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
    options?: OpOptions,
  ) => readonly string[];
  /** Adds a node as it is, under its own names. @throws {TF_GRAPH_INVALID} when a name is taken or an input does not exist */
  readonly node: (node: GraphNode) => void;
  /**
   * Declares an output, under exactly the name `name`: an existing value with another name is passed on through an Identity.
   * @throws {TF_GRAPH_INVALID} when `value` does not exist, or `name` is taken by another value
   */
  readonly output: (
    value: string,
    shape: readonly Dimension[],
    options?: { readonly name?: string; readonly type?: ValueInfo["type"] },
  ) => string;
  /** A name nobody has yet: `wish`, or `wish` with a number. It is taken from now on. */
  readonly unique: (wish: string) => string;
  /** The graph so far. */
  readonly build: () => Graph;
}

/** Starts a graph; `from` continues an existing one (its outputs are kept). */
export function createGraphBuilder(name: string, from?: Graph): GraphBuilder {
  const taken = new Set<string>();
  const values = new Set<string>();
  const nodes: GraphNode[] = [];
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [...(from?.outputs ?? [])];
  const initializers = new Map<string, Tensor>();
  const shared = new Map<string, string>();
  const unique = uniqueNames(taken);
  /** Other domains than ONNX's own have one version, as far as this project speaks them. */
  const versionOf = (domain: string): number => from?.opsets[domain] ?? (domain === "" ? defaultOpset : 1);

  const declare = (value: string): void => {
    if (values.has(value)) throw new TensorFaceError("TF_GRAPH_INVALID", `two values are called "${value}"`);
    values.add(value);
    taken.add(value);
  };
  const node = (added: GraphNode): void => {
    const missing = added.inputs.find((input) => input !== "" && !values.has(input));
    if (missing !== undefined) {
      throw new TensorFaceError("TF_GRAPH_INVALID", `node "${added.name}" (${added.op}) reads "${missing}", which nothing makes before it`);
    }
    for (const output of added.outputs) if (output !== "") declare(output);
    taken.add(added.name);
    nodes.push(added);
  };
  const input: GraphBuilder["input"] = (name, shape, type = "float32") => {
    declare(name);
    inputs.push({ name, type, shape });
    return name;
  };
  const constant: GraphBuilder["constant"] = (tensor, wish = "constant") => {
    const name = unique(wish);
    values.add(name);
    initializers.set(name, tensor);
    return name;
  };
  const share = (key: string, tensor: () => Tensor): string => {
    const name = shared.get(key) ?? constant(tensor(), key);
    shared.set(key, name);
    return name;
  };
  const multi: GraphBuilder["multi"] = (op, count, inputs, attributes = {}, options = {}) => {
    const name = unique(options.name ?? op);
    const made = Array.from({ length: count }, (_, index) => (index === 0 ? name : unique(`${name}:${index}`)));
    node({ name, op, ...(options.domain === undefined ? {} : { domain: options.domain }), inputs, outputs: made, attributes });
    return made;
  };
  const op: GraphBuilder["op"] = (op, inputs, attributes, options) => multi(op, 1, inputs, attributes, options)[0]!;

  for (const existing of from?.inputs ?? []) {
    declare(existing.name);
    inputs.push(existing);
  }
  for (const [name, tensor] of from?.initializers ?? []) {
    declare(name);
    initializers.set(name, tensor);
  }
  for (const existing of from?.nodes ?? []) node(existing);

  return {
    input,
    constant,
    scalar: (value) => share(`scalar ${value}`, () => ({ type: "float32", shape: [], data: Float32Array.of(value) })),
    integers: (list) =>
      share(`integers ${list.join(" ")}`, () => ({ type: "int64", shape: [list.length], data: BigInt64Array.from(list, BigInt) })),
    op,
    multi,
    node,
    output: (value, shape, { name = value, type = "float32" } = {}) => {
      if (!values.has(value)) throw new TensorFaceError("TF_GRAPH_INVALID", `output "${value}" is made by no node`);
      if (name !== value) node({ name: unique(`output ${name}`), op: "Identity", inputs: [value], outputs: [name], attributes: {} });
      outputs.push({ name, type, shape });
      return name;
    },
    unique,
    build: () => ({
      name,
      inputs: [...inputs],
      outputs: [...outputs],
      nodes: [...nodes],
      initializers: new Map(initializers),
      opsets: {
        ...(from?.opsets ?? { "": defaultOpset }),
        ...Object.fromEntries(nodes.map(({ domain = "" }) => [domain, versionOf(domain)])),
      },
    }),
  };
}

function uniqueNames(taken: Set<string>): (wish: string) => string {
  const counters = new Map<string, number>();
  return (wish) => {
    let name = wish;
    while (taken.has(name)) {
      const count = (counters.get(wish) ?? 0) + 1;
      counters.set(wish, count);
      name = `${wish}_${count}`;
    }
    taken.add(name);
    return name;
  };
}
