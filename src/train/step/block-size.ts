import { float32Tensor } from "../../core/index.ts";
import { createGraphBuilder, encodeModel } from "../../graph/index.ts";
import { blockedDomain } from "../../graph/gradients/index.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";

/** Blocks that ONNX Runtime's CPU kernels know: 16 with AVX-512 and on most ARM, 8 with AVX. */
const knownBlocks = [8, 16];
const channels = 32;

/**
 * How many channels stand together in the engine's blocked layout on this machine; undefined where it has none. The engine does
 * not say, so it is asked to reorder numbers that tell where they came from.
 */
export async function convolutionBlock(runtime: InferenceRuntime): Promise<number | undefined> {
  const builder = createGraphBuilder("probe");
  const input = builder.input("input", [1, channels, 1, 2]);
  builder.output(builder.op("ReorderInput", [input], {}, { domain: blockedDomain }), [1, channels, 1, 2], { name: "output" });
  try {
    await using session = await runtime.load(encodeModel(builder.build()), { device: "cpu" });
    const numbers = Float32Array.from({ length: channels * 2 }, (_, index) => index);
    const { output } = await session.run({ input: float32Tensor([1, channels, 1, 2], numbers) });
    // The second pixel of channel 0, number 1, stands behind the first block of first pixels.
    const block = output!.data.findIndex((value) => Number(value) === 1);
    return knownBlocks.find((known) => known === block);
  } catch {
    // An engine without such kernels refuses the graph; plain convolutions run everywhere.
    return undefined;
  }
}
