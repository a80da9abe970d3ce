import { createRandom, elementCount, float32Tensor, type Tensor, TensorFaceError } from "../core/index.ts";
import type { InferenceRuntime, InferenceSession, LoadOptions, TensorInfo } from "./runtime.ts";

/** Largest difference of a number between a network as it came and as it was converted, relative to the output's largest or 1. */
export const conversionTolerance = 1e-4;

/** How large free sizes of pictures are taken to be. */
export interface ProbeSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Runs a network as it came and as it was converted on the same random numbers, and compares all outputs. What somebody else wrote is
 * believed only where the engine itself says that it still means the same.
 * @throws {TF_GRAPH_INVALID} when they differ by more than {@link conversionTolerance}
 * @throws what the engine throws for a file that it does not run
 */
export async function verifyConversion(
  runtime: InferenceRuntime,
  { before, after }: { readonly before: Uint8Array; readonly after: Uint8Array },
  size: ProbeSize,
  options: LoadOptions = {},
): Promise<void> {
  await using first = await runtime.load(before, options);
  await using second = await runtime.load(after, options);
  const feeds = Object.fromEntries(first.inputs.map((info, index) => [info.name, draw(info, size, index)]));
  const [expected, actual] = [await first.run(feeds), await second.run(feeds)];
  for (const [name, tensor] of Object.entries(expected)) compare(name, tensor, actual[name], second);
}

/** Standard normal numbers; a free batch is 2, free rows and columns those of the pictures. */
function draw({ type, shape }: TensorInfo, { width, height }: ProbeSize, seed: number): Tensor {
  const sizes = shape.map((size, axis) => (typeof size === "number" ? size : axis === 0 ? 2 : axis === shape.length - 1 ? width : height));
  const random = createRandom(seed);
  if (type === "float32")
    return float32Tensor(
      sizes,
      Float32Array.from({ length: elementCount(sizes) }, () => random.normal()),
    );
  throw new TensorFaceError("TF_GRAPH_INVALID", `a network that takes ${type} cannot be compared with what it was converted to`);
}

function compare(name: string, expected: Tensor, actual: Tensor | undefined, session: InferenceSession): void {
  const differs = (what: string): TensorFaceError =>
    new TensorFaceError("TF_GRAPH_INVALID", `the network's output "${name}" is another after its conversion to the current opset: ${what}`);
  if (actual?.shape.join() !== expected.shape.join())
    throw differs(`[${actual?.shape.join()}] for [${expected.shape.join()}] on ${session.device}`);
  const numbers = Array.from(expected.data, Number);
  const scale = numbers.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 1);
  for (const [index, value] of numbers.entries()) {
    const other = Number(actual.data[index]);
    const isSame = Object.is(value, other) || Math.abs(value - other) <= conversionTolerance * scale;
    if (!isSame) throw differs(`number ${index} was ${value} and is ${other}`);
  }
}
