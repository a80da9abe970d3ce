import { z } from "zod";
import { elementCount, type Tensor, TensorFaceError } from "../../core/index.ts";
import { halfToNumber } from "../half.ts";
import { tensorFromBytes } from "./data-types.ts";

/**
 * The weights of TensorFlow.js: a list of what lies one behind the other in the files beside it. Quantised ones are whole numbers
 * `q` that stand for `scale * q + min`, or 16-bit floating-point numbers.
 */
const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.int().min(0)),
  dtype: z.enum(["float32", "int32", "bool"]),
  quantization: z
    .object({ dtype: z.enum(["uint8", "uint16", "float16"]), scale: z.number().default(1), min: z.number().default(0) })
    .optional(),
});

export const weightsManifestSchema = z.array(z.object({ paths: z.array(z.string()), weights: z.array(weightSchema) }));

type WeightSpec = z.infer<typeof weightSchema>;

const bytesPerElement = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 } as const;

/**
 * The tensors of a weights manifest, by name.
 * @param manifest the parsed JSON: groups of `{ paths, weights }`
 * @param bytes all files of `paths`, joined in their order
 * @throws {TF_GRAPH_INVALID} when the manifest is not one or names one twice, or the bytes are fewer or more than it says
 */
export function readWeights(manifest: unknown, bytes: Uint8Array): Map<string, Tensor> {
  const groups = weightsManifestSchema.safeParse(manifest);
  if (!groups.success) throw new TensorFaceError("TF_GRAPH_INVALID", `the weights manifest is not one: ${z.prettifyError(groups.error)}`);
  const tensors = new Map<string, Tensor>();
  let offset = 0;
  for (const weight of groups.data.flatMap((group) => group.weights)) {
    const length = elementCount(weight.shape) * bytesPerElement[weight.quantization?.dtype ?? weight.dtype];
    if (tensors.has(weight.name)) throw new TensorFaceError("TF_GRAPH_INVALID", `two weights are called "${weight.name}"`);
    if (offset + length > bytes.length) throw wrongLength(`the weights end inside "${weight.name}"`, offset + length, bytes.length);
    tensors.set(weight.name, readWeight(weight, bytes.subarray(offset, offset + length)));
    offset += length;
  }
  if (offset !== bytes.length) throw wrongLength("the weights are longer than their manifest says", offset, bytes.length);
  return tensors;
}

function wrongLength(what: string, expected: number, actual: number): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_INVALID", `${what}: expected ${expected} bytes, got ${actual}`);
}

const plainTypes = { float32: "DT_FLOAT", int32: "DT_INT32", bool: "DT_BOOL" } as const;

function readWeight({ shape, dtype, quantization }: WeightSpec, bytes: Uint8Array): Tensor {
  // The three plain types are always read.
  if (quantization === undefined) return tensorFromBytes(plainTypes[dtype], shape, bytes)!;
  const { scale, min } = quantization;
  const codes = quantization.dtype === "uint8" ? bytes : new Uint16Array(new Uint8Array(bytes).buffer);
  const decode = quantization.dtype === "float16" ? halfToNumber : (code: number): number => code * scale + min;
  const isWhole = dtype === "int32";
  const data = isWhole ? new Int32Array(codes.length) : new Float32Array(codes.length);
  // A loop: `from` with a function takes several times as long, and networks have millions of weights.
  for (let index = 0; index < codes.length; index++) data[index] = isWhole ? Math.round(decode(codes[index]!)) : decode(codes[index]!);
  return data instanceof Int32Array ? { type: "int32", shape, data } : { type: "float32", shape, data };
}
