import { checkNetwork } from "../classify/index.ts";
import { createRandom, elementCount, float32Tensor, type Tensor, TensorFaceError } from "../core/index.ts";
import type { HeadManifest } from "../models/index.ts";
import { type InferenceRuntime, type InferenceSession, verifyConversion } from "../runtime/index.ts";
import type { ImportedModel } from "./import-model.ts";

/**
 * A file of an older opset must mean after its conversion what it meant, and the model must run.
 * @throws {TF_MODEL_INVALID} when it does not
 */
export async function checkImport({ manifest, bytes, conversion }: ImportedModel, runtime: InferenceRuntime): Promise<void> {
  if (conversion !== undefined) await verifyConversion(runtime, conversion, conversion.size ?? manifest.input);
  await checkRuns(manifest, bytes, runtime);
}

/**
 * @throws {TF_MODEL_INVALID} when the network cannot be loaded, is not what the manifest says, or answers a picture otherwise when another
 * one is with it
 */
export async function checkRuns(manifest: HeadManifest, bytes: Uint8Array, runtime: InferenceRuntime): Promise<void> {
  await using session = await runtime.load(bytes);
  checkNetwork(manifest, session);
  await checkBatch(manifest, session);
}

/**
 * Largest difference of a number between a picture alone and one of two, relative to the largest or 1. Networks that are quantised as they
 * run choose their steps by all that they are given.
 */
const batchTolerance = 0.05;

/** A network that was made for one picture may mix several without an error: its answers for two are compared with those for each. */
async function checkBatch({ id, input, outputs }: HeadManifest, session: InferenceSession): Promise<void> {
  const shape = [input.colour === "grey" ? 1 : 3, input.height, input.width];
  const size = elementCount(shape);
  const random = createRandom(1);
  const pictures = Float32Array.from({ length: 2 * size }, () => random.normal());
  const answers = async (from: number, to: number): Promise<Readonly<Record<string, Tensor>>> => {
    const some = float32Tensor([to - from, ...shape], pictures.slice(from * size, to * size));
    return session.run(
      { [input.name]: some },
      outputs.map(({ output }) => output),
    );
  };
  const each = [await answers(0, 1), await answers(1, 2)];
  const both = await answers(0, 2).catch((cause: unknown) => {
    throw oneByOne(id, cause);
  });
  for (const { output } of outputs) {
    const expected = each.flatMap((answer) => Array.from(answer[output]!.data, Number));
    if (!isSame(both[output]!, expected)) throw oneByOne(id);
  }
}

function isSame({ shape, data }: Tensor, expected: readonly number[]): boolean {
  const scale = expected.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 1);
  const isNear = (value: number, index: number): boolean => {
    const actual = Number(data[index]);
    return Object.is(actual, value) || Math.abs(actual - value) <= batchTolerance * scale;
  };
  return shape[0] === 2 && data.length === expected.length && expected.every(isNear);
}

function oneByOne(id: string, cause?: unknown): TensorFaceError {
  return new TensorFaceError(
    "TF_MODEL_INVALID",
    `model "${id}" answers one picture at a time: two at once get other answers than each alone, or none`,
    {
      hint: "Export it with a free first size of its input (`dynamic_axes` or `dynamic_shapes` of torch.onnx.export, a batch of None elsewhere).",
      cause,
    },
  );
}
