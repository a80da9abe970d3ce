import { createRandom, elementCount, float32Tensor, type Float32Tensor, isTensorFaceError, type Tensor } from "../../src/core/index.ts";
import { convertOpset, createGraphBuilder, decodeModel, encodeModel, type Graph } from "../../src/graph/index.ts";
import { differentiate } from "../../src/graph/gradients/differentiate.ts";
import { inferShapes } from "../../src/graph/shapes.ts";
import { createNodeRuntime } from "../../src/runtime/runtime.node.ts";
import type { InferenceSession } from "../../src/runtime/runtime.ts";
import type { OnnxCase } from "./cases.ts";

/** What is asked of a network that somebody else wrote. */
export const steps = ["decode and encode", "current opset", "shapes", "gradients"] as const;
type Step = (typeof steps)[number];

/** `named`: refused with a coded error that says why. */
export interface Verdict {
  readonly step: Step;
  readonly outcome: "right" | "named" | "wrong";
  readonly detail: string;
}

const runtime = createNodeRuntime();

type Values = Readonly<Record<string, Tensor>>;

/** Loads and runs a network; undefined where the engine does not take it, or gives other numbers each time. */
async function answer(model: Uint8Array, feeds: Values): Promise<Values | undefined> {
  try {
    await using session = await runtime.load(model, { device: "cpu" });
    const [first, second] = [await session.run(feeds), await session.run(feeds)];
    return difference(first, second) === undefined ? first : undefined;
  } catch {
    return undefined;
  }
}

/** Asks every step of one network; none where the engine runs neither the file nor what is made of it. */
export async function examine(given: OnnxCase): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const note = (step: Step, outcome: Verdict["outcome"], detail: string): unknown => verdicts.push({ step, outcome, detail });
  const attempt = <Result>(step: Step, work: () => Result): Result | undefined => {
    try {
      return work();
    } catch (error) {
      note(step, isTensorFaceError(error) ? "named" : "wrong", String(error));
      return undefined;
    }
  };
  const graph = attempt("decode and encode", () => decodeModel(given.model));
  const feeds = graph && named(graph.inputs, given.inputs);
  if (graph === undefined || feeds === undefined) return verdicts;
  const answered = await answer(given.model, feeds);
  // What the engine does not run, since it is too old, may be what its author says it is.
  const expected = answered ?? named(graph.outputs, given.outputs);
  if (expected === undefined) return verdicts;
  const compare = async (step: Step, changed: Graph, tolerance: number): Promise<boolean> => {
    const actual = await answer(encodeModel(changed), feeds);
    if (actual === undefined && answered === undefined) return false;
    const what = actual === undefined ? "the engine refuses it" : difference(expected, actual, tolerance);
    note(step, what === undefined ? "right" : "wrong", what ?? "");
    return true;
  };

  if (answered !== undefined) await compare("decode and encode", graph, 0);
  const current = attempt("current opset", () => convertOpset(graph));
  if (current === undefined) return verdicts;
  // The engine has other kernels for some operations of newer opsets, which round otherwise.
  if (!(await compare("current opset", current, answered === undefined ? 1e-4 : 1e-5))) return verdicts;
  const fixed = withConstants(current, feeds);
  const types = attempt("shapes", () => inferShapes(fixed));
  if (types === undefined) return verdicts;
  const wrong = Object.entries(expected).find(([name, { type, shape }]) => {
    const inferred = types.get(name);
    return inferred?.type !== type || inferred.shape.join() !== shape.join();
  });
  const inferred = wrong && types.get(wrong[0]);
  note(
    "shapes",
    wrong === undefined ? "right" : "wrong",
    wrong ? `${wrong[0]}: ${inferred?.type} [${inferred?.shape.join()}], engine: ${wrong[1].type} [${wrong[1].shape.join()}]` : "",
  );
  for (const parameter of fixed.inputs.filter(({ name, type }) => type === "float32" && feeds[name]!.data.length > 0))
    verdicts.push(...(await examineGradient(fixed, feeds, parameter.name)));
  return verdicts;
}

/** Undefined where there are fewer values than names, or one of a type that is not read. */
function named(infos: readonly { readonly name: string }[], values: readonly (Tensor | undefined)[]): Values | undefined {
  const entries = infos.flatMap(({ name }, index) => (values[index] === undefined ? [] : [[name, values[index]] as const]));
  return entries.length === infos.length ? Object.fromEntries(entries) : undefined;
}

/** Where two answers differ by more than `tolerance`, relative to each number or 1; undefined where they do not. */
function difference(expected: Values, actual: Values, tolerance = 0): string | undefined {
  for (const [name, tensor] of Object.entries(expected)) {
    const other = actual[name];
    if (other === undefined) return `no output ${name}`;
    if (other.type !== tensor.type || other.shape.join() !== tensor.shape.join())
      return `${name}: ${other.type} [${other.shape.join()}] for ${tensor.type} [${tensor.shape.join()}]`;
    for (let index = 0; index < tensor.data.length; index++) {
      const [a, b] = [Number(tensor.data[index]), Number(other.data[index])];
      if (!Object.is(a, b) && !(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a))))
        return `${name}[${index}]: ${other.data[index]} for ${tensor.data[index]}`;
    }
  }
  return undefined;
}

/** Fixed sizes; short lists of whole numbers and truths (axes, sizes, modes) become constants, as exporters write them. */
function withConstants(graph: Graph, feeds: Values): Graph {
  const isList = (name: string): boolean => feeds[name]!.type !== "float32" && feeds[name]!.shape.length <= 1;
  const lists = graph.inputs.filter(({ name }) => isList(name));
  // A list of scales is one of floats.
  const scales = graph.nodes.filter(({ op }) => op === "Resize").flatMap(({ inputs }) => inputs.slice(1, 3));
  const named = [...lists, ...graph.inputs.filter(({ name }) => scales.includes(name))];
  return {
    ...graph,
    inputs: graph.inputs.filter((input) => !named.includes(input)).map(({ name, type }) => ({ name, type, shape: feeds[name]!.shape })),
    initializers: new Map([...graph.initializers, ...named.map(({ name }) => [name, feeds[name]!] as const)]),
  };
}

/** Numbers of an input that are moved to measure a slope. */
const probes = 10;

async function examineGradient(graph: Graph, given: Values, parameter: string): Promise<Verdict[]> {
  const step = "gradients";
  const floats = graph.outputs.filter(({ type }) => type === "float32");
  if (floats.length === 0) return [];
  const random = createRandom(7);
  const uniform = (): number => random.uniform();
  const weights = new Map<string, Float32Tensor>();
  const types = inferShapes(graph);
  for (const { name } of floats) {
    const { shape } = types.get(name)!;
    weights.set(
      name,
      float32Tensor(
        shape,
        Float32Array.from({ length: elementCount(shape) }, () => 0.5 + uniform()),
      ),
    );
  }
  let differentiated: Graph;
  try {
    differentiated = gradientGraph(graph, weights, parameter);
  } catch (error) {
    const detail = `${parameter}: ${String(error)}`;
    // A network whose answer does not depend on an input has no gradient to get wrong.
    return [{ step, outcome: isTensorFaceError(error) ? "named" : "wrong", detail }];
  }
  const feeds = Object.fromEntries(graph.inputs.map(({ name }) => [name, jittered(given[name]!, uniform)]));
  await using forward = await runtime.load(encodeModel({ ...graph, outputs: floats }), { device: "cpu" });
  let gradient: Tensor | undefined;
  try {
    await using backward = await runtime.load(encodeModel(differentiated), { device: "cpu" });
    gradient = (await backward.run(feeds))["gradient"];
  } catch (error) {
    return [{ step, outcome: "wrong", detail: `${parameter}: the engine refuses the gradient: ${String(error)}` }];
  }
  const target = feeds[parameter] as Float32Tensor;
  if (gradient?.shape.join() !== target.shape.join())
    return [{ step, outcome: "wrong", detail: `${parameter}: [${gradient?.shape.join()}]` }];
  const loss = (): Promise<number> => weightedSum(forward, feeds, weights);
  const slopes = Array.from(gradient.data, Number);
  const size = slopes.reduce((most, slope) => (Number.isFinite(slope) ? Math.max(most, Math.abs(slope)) : most), 0.1);
  for (let probe = 0; probe < Math.min(probes, target.data.length); probe++) {
    const index = Math.floor((probe * target.data.length) / Math.min(probes, target.data.length));
    const quotients = await slopesAt(target.data, index, loss);
    const value = slopes[index]!;
    if (quotients === undefined) continue;
    const margin = 0.02 * size;
    if (value >= quotients[0] - margin && value <= quotients[1] + margin) continue;
    return [{ step, outcome: "wrong", detail: `${parameter}[${index}]: ${value}, differences ${quotients[0]} to ${quotients[1]}` }];
  }
  return [{ step, outcome: "right", detail: parameter }];
}

function gradientGraph(graph: Graph, weights: ReadonlyMap<string, Float32Tensor>, parameter: string): Graph {
  const builder = createGraphBuilder("loss", { ...graph, outputs: [] });
  const sums = [...weights].map(([name, tensor]) =>
    builder.op("ReduceSum", [builder.op("Mul", [name, builder.constant(tensor)])], { keepdims: { kind: "int", value: 0 } }),
  );
  const loss = sums.reduce((sum, each) => builder.op("Add", [sum, each]));
  const { graph: whole, gradients } = differentiate(builder.build(), loss, [parameter]);
  const outputs = createGraphBuilder("gradient", whole);
  outputs.output(gradients.get(parameter)!, inferShapes(whole).get(parameter)!.shape, { name: "gradient" });
  return outputs.build();
}

/** Moved off the whole numbers that examples are made of, where many functions have a kink. */
function jittered(tensor: Tensor, uniform: () => number): Tensor {
  if (tensor.type !== "float32") return tensor;
  return float32Tensor(
    tensor.shape,
    tensor.data.map((value) => value + (0.1 + 0.2 * uniform()) * (Math.abs(value) >= 2 ? 1 : 0.1)),
  );
}

/** In doubles: what is left of the float32 answers' rounding does not add up. */
async function weightedSum(session: InferenceSession, feeds: Values, weights: ReadonlyMap<string, Float32Tensor>): Promise<number> {
  const outputs = await session.run(feeds, [...weights.keys()]);
  let sum = 0;
  for (const [name, { data }] of weights) for (const [index, weight] of data.entries()) sum += weight * Number(outputs[name]!.data[index]);
  return sum;
}

/** The smallest and the largest difference quotient around a number; undefined where the function has no value or a kink. */
async function slopesAt(data: Float32Array, index: number, loss: () => Promise<number>): Promise<[number, number] | undefined> {
  const original = data[index]!;
  // Near a large number the next floats are far: what was added is read back.
  const at = async (offset: number): Promise<{ readonly x: number; readonly y: number }> => {
    data[index] = original + offset;
    const x = data[index] ?? 0;
    const y = await loss();
    data[index] = original;
    return { x, y };
  };
  const [before, here, after] = [await at(-4e-3), await at(0), await at(4e-3)];
  const quotients = (
    [
      [before, here],
      [here, after],
      [before, after],
    ] as const
  ).map(([a, b]) => (b.y - a.y) / (b.x - a.x));
  if (!quotients.every(Number.isFinite)) return undefined;
  return [Math.min(...quotients), Math.max(...quotients)];
}
