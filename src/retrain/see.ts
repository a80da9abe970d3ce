import { encodeModel } from "../graph/index.ts";
import { channelCount } from "../image/index.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import type { Backbone } from "./backbone.ts";

/** A backbone that is loaded. */
export interface Seer extends AsyncDisposable {
  /** What it sees in some crops: `[N, channels, height, width]` in, `[N, columns]` out. */
  readonly see: (crops: Float32Array) => Promise<Float32Array>;
}

/** Loads a backbone on any engine. */
export async function createSeer(runtime: InferenceRuntime, { graph, input }: Pick<Backbone, "graph" | "input">): Promise<Seer> {
  const session = await runtime.load(encodeModel(graph));
  const size = [channelCount(input), input.height, input.width];
  const length = size.reduce((product, side) => product * side, 1);
  return {
    async see(crops) {
      const shape = [crops.length / length, ...size];
      const results = await session.run({ [session.inputs[0]!.name]: { type: "float32", shape, data: crops } });
      return Float32Array.from(Object.values(results)[0]!.data, Number);
    },
    [Symbol.asyncDispose]: () => session.dispose(),
  };
}
