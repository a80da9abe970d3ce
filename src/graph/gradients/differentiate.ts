import { TensorFaceError } from "../../core/index.ts";
import { createGraphBuilder } from "../builder.ts";
import type { Graph, GraphNode } from "../model.ts";
import { inferValues, operatorName } from "../shapes.ts";
import { unsupported } from "./convolution.ts";
import { createGradientContext, type GradientContext, sameShape } from "./context.ts";
import { gradientRules } from "./rules.ts";

export interface Differentiated {
  /** The given graph with the nodes that compute the gradients behind its own. Its inputs and outputs are the same. */
  readonly graph: Graph;
  /** The value that holds the gradient of each parameter, in the parameter's shape. */
  readonly gradients: ReadonlyMap<string, string>;
}

export interface DifferentiationOptions {
  /**
   * Channels that stand together in the blocked layout of the engine that will run the graph. Gradients of convolutions then use its kernels where sizes
   * fit. @default plain ONNX, which every engine runs
   */
  readonly block?: number | undefined;
}

/**
 * Reverse-mode differentiation as a transformation of graphs (Griewank and Walther, 2008, chapter 3).
 * @param loss a float32 value with one element
 * @param parameters inputs or initializers of the graph
 * @throws {TF_GRAPH_UNSUPPORTED_OP} when an operation between a parameter and the loss has no rule
 * @throws {TF_GRAPH_INVALID} when the loss is no scalar, or does not depend on a parameter
 */
export function differentiate(
  graph: Graph,
  loss: string,
  parameters: readonly string[],
  { block }: DifferentiationOptions = {},
): Differentiated {
  const { types, constants } = inferValues(graph);
  const active = activeValues(graph, parameters);
  for (const name of active) constants.delete(name);
  const builder = createGraphBuilder(graph.name, graph);
  const context = createGradientContext(builder, types, constants, block);
  const contributions = new Map<string, string[]>([[loss, [seed(loss, context)]]]);

  for (const node of graph.nodes.toReversed()) {
    const gradients = node.outputs.map((output) => total(output, contributions, context));
    const wanted = node.inputs.map((input) => active.has(input));
    if (gradients.every((gradient) => gradient === undefined) || !wanted.includes(true)) continue;
    refuseEmpty(
      node,
      [...node.inputs.filter((_, index) => wanted[index]), ...node.outputs.filter((_, index) => gradients[index])],
      context,
    );
    const results = ruleFor(node)(node, gradients, context, wanted);
    for (const [index, input] of node.inputs.entries()) {
      const result = results[index];
      if (!wanted[index]!) continue;
      if (result !== undefined) contributions.set(input, [...(contributions.get(input) ?? []), result]);
      // Whole numbers and truths have no gradient; a float that has none here would be taken for one that does not matter.
      else if (context.type(input) === "float32") throw unsupported(node, `towards input ${index}`);
    }
  }
  const gradients = new Map(parameters.map((name) => [name, gradientOf(name, contributions, context)]));
  return { graph: builder.build(), gradients };
}

/** The parameters and everything that is computed from them. */
function activeValues(graph: Graph, parameters: readonly string[]): ReadonlySet<string> {
  const active = new Set(parameters);
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => active.has(input))) for (const output of node.outputs) active.add(output);
  }
  return active;
}

/** Means over nothing are no numbers, and engines do not agree on them. */
function refuseEmpty(node: GraphNode, values: readonly string[], context: GradientContext): void {
  const empty = values.find((value) => context.shape(value).includes(0));
  if (empty !== undefined) throw unsupported(node, `with the empty value "${empty}"`);
}

function seed(loss: string, context: GradientContext): string {
  const shape = context.shape(loss);
  if (shape.some((size) => size !== 1)) {
    throw new TensorFaceError("TF_GRAPH_INVALID", `the loss "${loss}" must have one element, it is [${shape.join()}]`);
  }
  return context.reshape(context.scalar(1), shape);
}

function ruleFor(node: GraphNode): (typeof gradientRules)[string] {
  const rule = gradientRules[operatorName(node)];
  if (rule === undefined) {
    throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}": no gradient rule for operation ${operatorName(node)}`);
  }
  return rule;
}

/** The sum of what has come back to a value, in its full shape. */
function total(value: string, contributions: ReadonlyMap<string, readonly string[]>, context: GradientContext): string | undefined {
  const [first, ...others] = contributions.get(value) ?? [];
  if (first === undefined) return undefined;
  const sum = others.reduce((left, right) => context.op("Add", [left, right]), first);
  const shape = context.shape(value);
  return sameShape(context.shape(sum), shape) ? sum : context.op("Expand", [sum, context.integers(shape)]);
}

function gradientOf(name: string, contributions: ReadonlyMap<string, readonly string[]>, context: GradientContext): string {
  const gradient = total(name, contributions, context);
  if (gradient === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the loss does not depend on the parameter "${name}"`);
  return gradient;
}
